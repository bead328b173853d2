# No direct way, and a server that does not relay: both are told so, and both say it
seed 58
relay off
site a: symmetric-random
site b: symmetric-random
alice at a: listens, timeout 4000, relay auto
bob at b: connects, timeout 4000, relay auto, after 300
expect
[     0.0 ms] alice          our address: 192.168.1.10:54491 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:26271 listens in room c834...
[   100.0 ms] alice          our address: 198.51.100.17:26271 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:26271
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room c83417ae86c9efb5b085fa071c543e443723f6c10f1dd90333dccb61441db6e8
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   300.0 ms] bob            our address: 192.168.2.10:55531 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:33744 knocks in room c834...
[   375.0 ms] server         198.51.100.33:33744 and 198.51.100.17:26271 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:33744 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:33744
[   400.0 ms] bob            our NAT takes any port for each destination (random)
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.33:33744; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          leaves out 192.168.2.10:55531 (its own address): it is private and not of a network of ours
[   400.0 ms] alice          the peer offers 198.51.100.33:33744 (as its server sees it)
[   400.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   400.0 ms] alice          dials 198.51.100.33:33744
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:26271; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:26271 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:54491 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   400.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   400.0 ms] bob            dials 198.51.100.17:26271
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   425.0 ms] b's NAT        drops the SYN from 198.51.100.17:20930 to 198.51.100.33:33744: nobody here has called there
[   425.0 ms] a's NAT        drops the SYN from 198.51.100.33:23858 to 198.51.100.17:26271: nobody here has called there
[   475.0 ms] server         198.51.100.17:40314 is refused: 403
[   475.0 ms] server         198.51.100.33:41371 is refused: 403
[   500.0 ms] alice          no relay: the server does not relay
[   500.0 ms] bob            no relay: the server does not relay
[   650.0 ms] alice          the peer's NAT takes any port for each destination (random)
[   650.0 ms] alice          one NAT is random, the other's ports change as well: no direct way is known
[   650.0 ms] alice          the peer tells how its NAT behaves
[   750.0 ms] bob            the peer tells how its NAT behaves
[  1425.0 ms] b's NAT        drops the SYN from 198.51.100.17:20930 to 198.51.100.33:33744: nobody here has called there
[  1425.0 ms] a's NAT        drops the SYN from 198.51.100.33:23858 to 198.51.100.17:26271: nobody here has called there
[  2425.0 ms] b's NAT        drops the SYN from 198.51.100.17:20930 to 198.51.100.33:33744: nobody here has called there
[  2425.0 ms] a's NAT        drops the SYN from 198.51.100.33:23858 to 198.51.100.17:26271: nobody here has called there
[  2960.3 ms] alice          198.51.100.33:33744 is silent, gives up this dial
[  2960.3 ms] alice          dials 198.51.100.33:33744 (2nd time)
[  3129.8 ms] bob            198.51.100.17:26271 is silent, gives up this dial
[  3129.8 ms] bob            dials 198.51.100.17:26271 (2nd time)
[  4300.0 ms] bob              stage: 2 dials, none was connected; it lasted 3.9 s
[  4300.0 ms] bob              our NAT takes any port for each destination (random); the peer's NAT takes any port for each destination (random)
[  4300.0 ms] bob              one NAT is random, the other's ports change as well: no direct way is known
[  4300.0 ms] bob              relay: the server does not relay
[  4300.0 ms] bob              198.51.100.17:26271 (as its server sees it): dialled 2 times, silent 1, never connected; last: no answer yet
[  4300.0 ms] bob              192.168.1.10:54491 (its own address): not dialled, it is private and not of a network of ours
[  4300.0 ms] bob            the peer is there, but no path to it worked
[  4300.0 ms] bob            No direct way exists between two NATs that choose ports at random: map a port on one router, use IPv6, or let the server relay. See both-random in docs/troubleshooting.md.
[  4400.0 ms] alice            stage: 2 dials, none was connected; it lasted 4.0 s
[  4400.0 ms] alice            our NAT takes any port for each destination (random); the peer's NAT takes any port for each destination (random)
[  4400.0 ms] alice            one NAT is random, the other's ports change as well: no direct way is known
[  4400.0 ms] alice            relay: the server does not relay
[  4400.0 ms] alice            192.168.2.10:55531 (its own address): not dialled, it is private and not of a network of ours
[  4400.0 ms] alice            198.51.100.33:33744 (as its server sees it): dialled 2 times, silent 1, never connected; last: no answer yet
[  4400.0 ms] alice          the peer is there, but no path to it worked
[  4400.0 ms] alice          No direct way exists between two NATs that choose ports at random: map a port on one router, use IPv6, or let the server relay. See both-random in docs/troubleshooting.md.
