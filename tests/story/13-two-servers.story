# the first of the ticket's two servers is gone: alice calls both, bob the second one after a second
seed 13
dead server
site a: public
site b: preserving-drop
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 198.51.100.18:45646 (host)
[     0.0 ms] alice          calls the server 192.0.2.99:3478
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:45646 listens in room 7e66...
[   100.0 ms] bob            our address: 192.168.2.10:42195 (host)
[   100.0 ms] bob            calls the server 192.0.2.99:3478
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:45646
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 7e66b11e1339c65b89bde0c0e37250cacd65fdaefcdd04e71e98190a55dabc8e
[  1100.0 ms] bob            calls the server 203.0.113.1:3478
[  1150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  1150.0 ms] bob            knocks
[  1175.0 ms] server         198.51.100.33:42195 knocks in room 7e66...
[  1175.0 ms] server         198.51.100.33:42195 and 198.51.100.18:45646 start, after 0.0 and 0.0 ms
[  1200.0 ms] bob            our address: 198.51.100.33:42195 (srflx)
[  1200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:42195
[  1200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  1200.0 ms] alice          the peer's description is here: attempt 1 starts
[  1200.0 ms] alice          the server starts both: the peer is 198.51.100.33:42195; begins at once, 100 ms to the peer and back through the server
[  1200.0 ms] alice          leaves out 192.168.2.10:42195 (its own address): it is private and not of a network of ours
[  1200.0 ms] alice          the peer offers 198.51.100.33:42195 (as its server sees it)
[  1200.0 ms] alice          dials 198.51.100.33:42195
[  1200.0 ms] bob            the peer's description is here: attempt 1 starts
[  1200.0 ms] bob            the server starts both: the peer is 198.51.100.18:45646; begins at once, 100 ms to the peer and back through the server
[  1200.0 ms] bob            the peer offers 198.51.100.18:45646 (its own address)
[  1200.0 ms] bob            no NAT changes the peer's address
[  1200.0 ms] bob            dials 198.51.100.18:45646
[  1250.0 ms] alice          connected to 198.51.100.33:42195
[  1250.0 ms] bob            connected to 198.51.100.18:45646
[  1275.0 ms] bob            198.51.100.18:45646 proves that it holds the secret
[  1275.0 ms] bob            chooses the link to 198.51.100.18:45646
[  1275.0 ms] alice          198.51.100.33:42195 proves that it holds the secret
[  1300.0 ms] alice          the peer chooses the link to 198.51.100.33:42195
[  1300.0 ms] alice          connected from 198.51.100.18:45646 to 198.51.100.33:42195, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  1300.0 ms] bob            connected from 192.168.2.10:42195 to 198.51.100.18:45646, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
