# bob wants nothing but the relay: he offers and dials nothing else, and alice sees it by that
seed 57
site a: public
site b: public
alice at a: listens, relay auto
bob at b: connects, relay only, after 300
expect
[     0.0 ms] alice          our address: 198.51.100.18:47623 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:47623 listens in room 08d0...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:47623
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 08d05960392406c276219af6f3271111fea89cfc16f2e41115d13d2cf180673d
[   300.0 ms] bob            our address: 198.51.100.34:56755 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.34:56755 knocks in room 08d0...
[   375.0 ms] server         198.51.100.34:56755 and 198.51.100.18:47623 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            no NAT changes our address
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:56755
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.34:56755; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, and for nothing else
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.18:47623; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, and for nothing else
[   475.0 ms] server         relays between 198.51.100.34:57770 and 198.51.100.18:46302
[   500.0 ms] bob            our address: 203.0.113.1:3478 (relay)
[   500.0 ms] bob            a relay is there, at 203.0.113.1:3478
[   500.0 ms] alice          our address: 203.0.113.1:3478 (relay)
[   500.0 ms] alice          a relay is there, at 203.0.113.1:3478
[   550.0 ms] alice          the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   550.0 ms] bob            the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   550.0 ms] bob            chooses the link to the peer by the relay at 203.0.113.1:3478
[   600.0 ms] bob            connected from 198.51.100.34:57770 to 203.0.113.1:3478, relayed (nothing else is wanted): TCP after 100.0 ms, authenticated and nominated after 200.0 ms
[   600.0 ms] alice          the peer chooses the link to the peer by the relay at 203.0.113.1:3478
[   600.0 ms] alice          connected from 198.51.100.18:46302 to 203.0.113.1:3478, relayed (the peer wants nothing else): TCP after 100.0 ms, authenticated and nominated after 200.0 ms
