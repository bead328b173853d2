# The server dies while both wait for the relay, and comes back: the relay is asked for in vain
seed 70
site a: symmetric-random
site b: symmetric-random
alice at a: listens, timeout 4000, relay auto
bob at b: connects, timeout 4000, relay auto, after 300
at 480: server stops
at 2000: server starts
expect
[     0.0 ms] alice          our address: 192.168.1.10:43719 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:21360 listens in room 1213...
[   100.0 ms] alice          our address: 198.51.100.17:21360 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:21360
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 1213fae19f8dead6dcfece8fbed9c56ec3ac757295d1258c68361e501a2822a1
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   300.0 ms] bob            our address: 192.168.2.10:48662 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:11121 knocks in room 1213...
[   375.0 ms] server         198.51.100.33:11121 and 198.51.100.17:21360 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:11121 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:11121
[   400.0 ms] bob            our NAT takes any port for each destination (random)
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.33:11121; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          leaves out 192.168.2.10:48662 (its own address): it is private and not of a network of ours
[   400.0 ms] alice          the peer offers 198.51.100.33:11121 (as its server sees it)
[   400.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   400.0 ms] alice          dials 198.51.100.33:11121
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:21360; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:21360 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:43719 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   400.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   400.0 ms] bob            dials 198.51.100.17:21360
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   425.0 ms] b's NAT        drops the SYN from 198.51.100.17:44739 to 198.51.100.33:11121: nobody here has called there
[   425.0 ms] a's NAT        drops the SYN from 198.51.100.33:25073 to 198.51.100.17:21360: nobody here has called there
[   475.0 ms] server         relays between 198.51.100.33:59552 and 198.51.100.17:59911
[   480.0 ms] server         dies
[   500.0 ms] bob            our address: 203.0.113.1:3478 (relay)
[   500.0 ms] bob            a relay is there, at 203.0.113.1:3478
[   500.0 ms] alice          our address: 203.0.113.1:3478 (relay)
[   500.0 ms] alice          a relay is there, at 203.0.113.1:3478
[   505.0 ms] bob            the link to the peer by the relay at 203.0.113.1:3478 ends: reset
[   505.0 ms] bob            the relay at 203.0.113.1:3478 is not to be had: reset
[   505.0 ms] alice          the link to the peer by the relay at 203.0.113.1:3478 ends: reset
[   505.0 ms] alice          the relay at 203.0.113.1:3478 is not to be had: reset
[   505.0 ms] alice          the server 203.0.113.1:3478 is lost (closed by the other side), calls it again in 1.0 s
[  1425.0 ms] b's NAT        drops the SYN from 198.51.100.17:44739 to 198.51.100.33:11121: nobody here has called there
[  1425.0 ms] a's NAT        drops the SYN from 198.51.100.33:25073 to 198.51.100.17:21360: nobody here has called there
[  1436.9 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  1486.9 ms] bob            the relay at 203.0.113.1:3478 is not to be had: refused
[  1533.4 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  1541.9 ms] alice          calls the server 203.0.113.1:3478
[  1583.4 ms] alice          the relay at 203.0.113.1:3478 is not to be had: refused
[  1591.9 ms] alice          the server 203.0.113.1:3478 is lost (refused), calls it again in 2.2 s
[  2000.0 ms] server         runs again
[  2425.0 ms] b's NAT        drops the SYN from 198.51.100.17:44739 to 198.51.100.33:11121: nobody here has called there
[  2425.0 ms] a's NAT        drops the SYN from 198.51.100.33:25073 to 198.51.100.17:21360: nobody here has called there
[  2439.6 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  2514.6 ms] server         198.51.100.33:12263 is refused: 437
[  2539.6 ms] bob            no relay: the server knows of no such attempt (any more)
[  2679.9 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  2754.9 ms] server         198.51.100.17:9247 is refused: 437
[  2779.9 ms] alice          no relay: the server knows of no such attempt (any more)
[  2907.1 ms] alice          198.51.100.33:11121 is silent, gives up this dial
[  2907.1 ms] alice          dials 198.51.100.33:11121 (2nd time)
[  3098.9 ms] bob            198.51.100.17:21360 is silent, gives up this dial
[  3098.9 ms] bob            dials 198.51.100.17:21360 (2nd time)
[  3504.1 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  3579.1 ms] server         198.51.100.33:32517 is refused: 437
[  3604.1 ms] bob            no relay: the server knows of no such attempt (any more)
[  3783.3 ms] alice          calls the server 203.0.113.1:3478
[  3786.7 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[  3833.3 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  3858.3 ms] server         198.51.100.17:55067 listens in room 1213...
[  3861.7 ms] server         198.51.100.17:15534 is refused: 437
[  3883.3 ms] alice          our address: 198.51.100.17:55067 (srflx)
[  3883.3 ms] alice          the server sees us as 198.51.100.17:55067
[  3883.3 ms] alice          registered with the server at 203.0.113.1:3478, in room 1213fae19f8dead6dcfece8fbed9c56ec3ac757295d1258c68361e501a2822a1
[  3886.7 ms] alice          no relay: the server knows of no such attempt (any more)
[  4300.0 ms] bob              stage: 2 dials, none was connected; it lasted 3.9 s
[  4300.0 ms] bob              our NAT takes any port for each destination (random); the peer's NAT takes any port for each destination (random)
[  4300.0 ms] bob              one NAT is random, the other's ports change as well: no direct way is known
[  4300.0 ms] bob              relay: the server knows of no such attempt (any more)
[  4300.0 ms] bob              198.51.100.17:21360 (as its server sees it): dialled 2 times, silent 1, never connected; last: no answer yet
[  4300.0 ms] bob              192.168.1.10:43719 (its own address): not dialled, it is private and not of a network of ours
[  4300.0 ms] bob            the peer is there, but no path to it worked
[  4300.0 ms] bob            No direct way exists between two NATs that choose ports at random: map a port on one router, use IPv6, or let the server relay. See both-random in docs/troubleshooting.md.
[  4400.0 ms] alice            stage: 2 dials, none was connected; it lasted 4.0 s
[  4400.0 ms] alice            our NAT takes any port for each destination (random); the peer's NAT is not known
[  4400.0 ms] alice            relay: the server knows of no such attempt (any more)
[  4400.0 ms] alice            192.168.2.10:48662 (its own address): not dialled, it is private and not of a network of ours
[  4400.0 ms] alice            198.51.100.33:11121 (as its server sees it): dialled 2 times, silent 1, never connected; last: no answer yet
[  4400.0 ms] alice          the peer is there, but no path to it worked
[  4400.0 ms] alice          One NAT chooses ports at random, which takes luck: try again, or map a port on the other side's router. See one-random in docs/troubleshooting.md.
