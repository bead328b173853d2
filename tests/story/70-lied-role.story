# the server gives both the same role: alice, who listens, knows hers, and leaves such a server
seed 19
site a: public
site b: public
alice at a: listens, timeout 1500
bob at b: connects, after 200, timeout 2000
at 50: server lies
expect
[     0.0 ms] alice          our address: 198.51.100.18:35655 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:35655 listens in room 4118...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:35655
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 4118f6c0a7a135f862627e17142a9b6e70add335c9ec226748179523ca80bdb7
[   200.0 ms] bob            our address: 198.51.100.34:53435 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:53435 knocks in room 4118...
[   275.0 ms] server         198.51.100.34:53435 and 198.51.100.18:35655 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.18:35655 with a role by chance
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:53435
[   300.0 ms] alice          the server 203.0.113.1:3478 is lost (it does not speak our protocol), calls it again in 1.0 s
[   300.0 ms] bob            the peer's description is here: attempt 1 starts
[   300.0 ms] bob            the server starts both: the peer is 198.51.100.18:35655; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] bob            the peer offers 198.51.100.18:35655 (its own address)
[   300.0 ms] bob            no NAT changes the peer's address
[   300.0 ms] bob            dials 198.51.100.18:35655
[   350.0 ms] bob            connected to 198.51.100.18:35655
[   800.0 ms] b-a            the TTL of the SYN from 198.51.100.34:35919 to 198.51.100.18:35655 runs out
[   800.0 ms] bob            opens our NAT for 198.51.100.18:35655 by a SYN that ends on the way (TTL 3)
[  1310.0 ms] alice          calls the server 203.0.113.1:3478
[  1360.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  1385.0 ms] server         198.51.100.18:35655 listens in room 4118...
[  1410.0 ms] alice          the server sees us as 198.51.100.18:35655
[  1410.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 4118f6c0a7a135f862627e17142a9b6e70add335c9ec226748179523ca80bdb7
[  1850.0 ms] bob            connected to 198.51.100.18:35655
[  2200.0 ms] bob              stage: connected, but nobody proved to hold the secret; it lasted 1.9 s
[  2200.0 ms] bob              no NAT changes our address; no NAT changes the peer's address
[  2200.0 ms] bob              in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 1 dial in 1 round
[  2200.0 ms] bob              198.51.100.18:35655 (its own address): dialled 1 time, connected
[  2200.0 ms] bob            the peer is there, but no path to it worked
[  2200.0 ms] bob            Something on the way accepts in the peer's place and says nothing: look for a proxy or a filter that answers for others, or let the server relay. See answered-by-another in docs/troubleshooting.md.
