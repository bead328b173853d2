# both dial by both families at once and every dial gets through: both end with the same link, the others are closed
seed 8
site a: public, v6=open
site b: public, v6=open
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 198.51.100.18:53954 (host)
[     0.0 ms] alice          our address: [2001:db8:1:1::10]:53954 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:53954 listens in room f815...
[   100.0 ms] bob            our address: 198.51.100.34:34535 (host)
[   100.0 ms] bob            our address: [2001:db8:2:1::10]:34535 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:53954
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room f8150d647bac4e6fb7faabdbc0d163d2a0d3fb1ea654df4618aefa84f680ca15
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.34:34535 knocks in room f815...
[   175.0 ms] server         198.51.100.34:34535 and 198.51.100.18:53954 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            no NAT changes our address
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:34535
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.34:34535; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.34:34535 (its own address)
[   200.0 ms] alice          the peer offers [2001:db8:2:1::10]:34535 (its own address)
[   200.0 ms] alice          dials 198.51.100.34:34535
[   200.0 ms] alice          dials [2001:db8:2:1::10]:34535
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.18:53954; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.18:53954 (its own address)
[   200.0 ms] bob            the peer offers [2001:db8:1:1::10]:53954 (its own address)
[   200.0 ms] bob            no NAT changes the peer's address
[   200.0 ms] bob            dials 198.51.100.18:53954
[   200.0 ms] bob            dials [2001:db8:1:1::10]:53954
[   250.0 ms] alice          connected to 198.51.100.34:34535
[   250.0 ms] alice          connected to [2001:db8:2:1::10]:34535
[   250.0 ms] bob            connected to 198.51.100.18:53954
[   250.0 ms] bob            connected to [2001:db8:1:1::10]:53954
[   275.0 ms] bob            198.51.100.18:53954 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.18:53954
[   275.0 ms] bob            [2001:db8:1:1::10]:53954 proves that it holds the secret
[   275.0 ms] alice          198.51.100.34:34535 proves that it holds the secret
[   275.0 ms] alice          [2001:db8:2:1::10]:34535 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.34:34535
[   300.0 ms] alice          connected from 198.51.100.18:53954 to 198.51.100.34:34535, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 198.51.100.34:34535 to 198.51.100.18:53954, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
