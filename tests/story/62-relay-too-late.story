# alice's time is over while bob's choice of the relay is on its way: without her CONFIRM he has nothing, too
seed 71
site a: public
site b: public
path a-b: black
alice at a: listens, timeout 3225, relay auto
bob at b: connects, after 300, relay auto
expect
[     0.0 ms] alice          our address: 198.51.100.18:59273 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:59273 listens in room 5830...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:59273
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 5830c45701cf9ec4e2915068d6b820c4d0439cc4e5083429056f691abaa1f5c8
[   300.0 ms] bob            our address: 198.51.100.34:35577 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.34:35577 knocks in room 5830...
[   375.0 ms] server         198.51.100.34:35577 and 198.51.100.18:59273 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            no NAT changes our address
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:35577
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.34:35577; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          the peer offers 198.51.100.34:35577 (its own address)
[   400.0 ms] alice          dials 198.51.100.34:35577
[   400.0 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:35577
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.18:59273; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.18:59273 (its own address)
[   400.0 ms] bob            no NAT changes the peer's address
[   400.0 ms] bob            dials 198.51.100.18:59273
[   400.0 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:59273
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   475.0 ms] server         relays between 198.51.100.34:58257 and 198.51.100.18:41112
[   500.0 ms] bob            our address: 203.0.113.1:3478 (relay)
[   500.0 ms] bob            a relay is there, at 203.0.113.1:3478
[   500.0 ms] alice          our address: 203.0.113.1:3478 (relay)
[   500.0 ms] alice          a relay is there, at 203.0.113.1:3478
[   550.0 ms] alice          the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   550.0 ms] bob            the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   900.0 ms] b-a            loses the SYN from 198.51.100.34:40753 to 198.51.100.18:59273
[   900.0 ms] bob            opens our NAT for 198.51.100.18:59273 by a SYN that ends on the way (TTL 3)
[   950.0 ms] alice          no NAT changes the peer's address
[   950.0 ms] alice          the peer tells where its NAT is now: 198.51.100.34:40753
[   950.0 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:40753
[   950.0 ms] alice          dials 198.51.100.34:40753, where the peer's NAT is open for us
[  1400.0 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:35577
[  1400.0 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:59273
[  1650.0 ms] a-b            loses the SYN from 198.51.100.18:54310 to 198.51.100.34:35577
[  1650.0 ms] alice          opens our NAT for 198.51.100.34:35577 by a SYN that ends on the way (TTL 3)
[  1700.0 ms] bob            the peer tells where its NAT is now: 198.51.100.18:54310
[  1700.0 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:54310
[  1700.0 ms] bob            dials 198.51.100.18:54310, where the peer's NAT is open for us
[  1900.0 ms] b-a            loses the SYN from 198.51.100.34:40753 to 198.51.100.18:59273
[  2400.0 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:35577
[  2400.0 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:59273
[  2400.0 ms] b-a            loses the SYN from 198.51.100.34:45693 to 198.51.100.18:59273
[  2400.0 ms] bob            opens our NAT for 198.51.100.18:59273 by a SYN that ends on the way (TTL 5)
[  2450.0 ms] alice          the peer tells where its NAT is now: 198.51.100.34:45693
[  2450.0 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:45693
[  2450.0 ms] alice          dials 198.51.100.34:45693, where the peer's NAT is open for us
[  2650.0 ms] a-b            loses the SYN from 198.51.100.18:54310 to 198.51.100.34:35577
[  2925.7 ms] bob            198.51.100.18:59273 is silent, gives up this dial
[  2925.7 ms] bob            dials 198.51.100.18:59273 (2nd time)
[  2925.7 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:59273
[  2937.6 ms] alice          198.51.100.34:35577 is silent, gives up this dial
[  2937.6 ms] alice          dials 198.51.100.34:35577 (2nd time)
[  2937.6 ms] a-b            loses the SYN from 198.51.100.18:59273 to 198.51.100.34:35577
[  3150.0 ms] a-b            loses the SYN from 198.51.100.18:59250 to 198.51.100.34:35577
[  3150.0 ms] alice          opens our NAT for 198.51.100.34:35577 by a SYN that ends on the way (TTL 5)
[  3200.0 ms] bob            the peer tells where its NAT is now: 198.51.100.18:59250
[  3200.0 ms] b-a            loses the SYN from 198.51.100.34:35577 to 198.51.100.18:59250
[  3200.0 ms] bob            dials 198.51.100.18:59250, where the peer's NAT is open for us
[  3400.0 ms] b-a            loses the SYN from 198.51.100.34:45693 to 198.51.100.18:59273
[  3600.0 ms] bob            chooses the link to the peer by the relay at 203.0.113.1:3478
[  3625.0 ms] alice            stage: a link proved itself, but none was chosen; it lasted 3.2 s
[  3625.0 ms] alice            no NAT changes our address; no NAT changes the peer's address
[  3625.0 ms] alice            in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 4 dials in 2 rounds
[  3625.0 ms] alice            relay: it was there, and not chosen
[  3625.0 ms] alice            198.51.100.34:35577 (its own address): dialled 2 times, silent 1, never connected; last: no answer yet
[  3625.0 ms] alice          the peer is there, but no path to it worked
[  3625.0 ms] alice          Forward a port on one side or use IPv6; the report says what was tried. See NO_PATH in docs/troubleshooting.md.
[  3650.0 ms] server         the relay of 198.51.100.34:58257 and 198.51.100.18:41112 is over (broken): 112 and 56 bytes
[  3675.0 ms] bob            the link to the peer by the relay at 203.0.113.1:3478 ends: reset
[  3675.0 ms] bob              stage: a link proved itself, but none was chosen; it lasted 3.3 s
[  3675.0 ms] bob              no NAT changes our address; no NAT changes the peer's address
[  3675.0 ms] bob              in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 4 dials in 2 rounds
[  3675.0 ms] bob              relay: it was there, and not chosen
[  3675.0 ms] bob              198.51.100.18:59273 (its own address): dialled 2 times, silent 1, never connected; last: no answer yet
[  3675.0 ms] bob            the connection broke before it was handed over
[  3675.0 ms] bob            Try again. See BROKEN in docs/troubleshooting.md.
