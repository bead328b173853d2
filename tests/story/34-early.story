# bob knocks three seconds before alice is there, and waits; carol waits in vain, for nobody listens with her ticket
seed 34
site a: public
site b: preserving-drop
bob at b: connects
carol at b: connects, ticket 1, timeout 4000
alice at a: listens, after 3000
expect
[     0.0 ms] bob            our address: 192.168.2.10:49629 (host)
[     0.0 ms] bob            calls the server 203.0.113.1:3478
[     0.0 ms] carol          our address: 192.168.2.11:54192 (host)
[     0.0 ms] carol          calls the server 203.0.113.1:3478
[    50.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] bob            knocks
[    50.0 ms] carol          the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] carol          knocks
[    75.0 ms] server         198.51.100.33:49629 knocks in room 6872... and waits
[    75.0 ms] server         198.51.100.33:54192 knocks in room c203... and waits
[   100.0 ms] bob            our address: 198.51.100.33:49629 (srflx)
[   100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:49629
[   100.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   100.0 ms] carol          our address: 198.51.100.33:54192 (srflx)
[   100.0 ms] carol          the server heard the knock; it sees us as 198.51.100.33:54192
[   100.0 ms] carol          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  3000.0 ms] alice          our address: 198.51.100.18:39979 (host)
[  3000.0 ms] alice          calls the server 203.0.113.1:3478
[  3050.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  3075.0 ms] server         198.51.100.18:39979 listens in room 6872...
[  3075.0 ms] server         198.51.100.33:49629 and 198.51.100.18:39979 start, after 0.0 and 0.0 ms
[  3100.0 ms] alice          no NAT changes our address
[  3100.0 ms] alice          the server sees us as 198.51.100.18:39979
[  3100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 6872ac86d82b7bad51f53e5cddfad49bce2a232aefa54cdb31163b8d4ee8762a
[  3100.0 ms] bob            the peer's description is here: attempt 1 starts
[  3100.0 ms] bob            the server starts both: the peer is 198.51.100.18:39979; begins at once, 100 ms to the peer and back through the server
[  3100.0 ms] bob            the peer offers 198.51.100.18:39979 (its own address)
[  3100.0 ms] bob            dials 198.51.100.18:39979
[  3100.0 ms] alice          the peer's description is here: attempt 1 starts
[  3100.0 ms] alice          the server starts both: the peer is 198.51.100.33:49629; begins at once, 100 ms to the peer and back through the server
[  3100.0 ms] alice          leaves out 192.168.2.10:49629 (its own address): it is private and not of a network of ours
[  3100.0 ms] alice          the peer offers 198.51.100.33:49629 (as its server sees it)
[  3100.0 ms] alice          dials 198.51.100.33:49629
[  3150.0 ms] bob            connected to 198.51.100.18:39979
[  3150.0 ms] alice          connected to 198.51.100.33:49629
[  3175.0 ms] alice          198.51.100.33:49629 proves that it holds the secret
[  3175.0 ms] bob            198.51.100.18:39979 proves that it holds the secret
[  3175.0 ms] bob            chooses the link to 198.51.100.18:39979
[  3200.0 ms] bob            connected from 192.168.2.10:49629 to 198.51.100.18:39979, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  3200.0 ms] alice          the peer chooses the link to 198.51.100.33:49629
[  3200.0 ms] alice          connected from 198.51.100.18:39979 to 198.51.100.33:49629, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  4000.0 ms] carol            stage: waiting for somebody who listens
[  4000.0 ms] carol          nobody listens with this ticket
[  4000.0 ms] carol          Start 'hopconn listen' with the same ticket on the other machine, or wait longer. See NOBODY in docs/troubleshooting.md.
