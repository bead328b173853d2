# the peer's private address leads to a sleeping machine for bob, to nobody for alice: no other address waits for it
seed 12
until 400
site a: eim-drop, lan=1
site b: eim-drop, lan=1
alice at a: listens                                  # 192.168.1.10
carol at b: connects, ticket 1, after 5000           # 192.168.1.10 too; her program does not run yet
bob at b: connects, after 100                        # 192.168.1.11, an address that alice's network does not have
expect
[     0.0 ms] alice          our address: 192.168.1.10:33140 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:29044 listens in room 33ac...
[   100.0 ms] bob            our address: 192.168.1.11:50593 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:29044 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:29044
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 33accc08cd3eea63b22dc372a617c7967513394734c8bd87ea2ae7c7c5254061
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:12705 knocks in room 33ac...
[   175.0 ms] server         198.51.100.33:12705 and 198.51.100.17:29044 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:12705 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:12705
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:12705; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 192.168.1.11:50593 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.33:12705 (as its server sees it)
[   200.0 ms] alice          dials 192.168.1.11:50593
[   200.0 ms] alice          dials 198.51.100.33:12705
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:29044; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:29044 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:33140 (its own address)
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:29044
[   200.0 ms] bob            dials 192.168.1.10:33140
[   200.2 ms] bob            192.168.1.10:33140 does not let us in: refused
[   200.9 ms] bob            dials 192.168.1.10:33140 (2nd time)
[   201.1 ms] bob            192.168.1.10:33140 does not let us in: refused (2nd time)
[   210.2 ms] bob            dials 192.168.1.10:33140 (3rd time)
[   210.4 ms] bob            192.168.1.10:33140 does not let us in: refused (3rd time)
[   250.0 ms] alice          connected to 198.51.100.33:12705
[   250.0 ms] bob            connected to 198.51.100.17:29044
[   275.0 ms] bob            198.51.100.17:29044 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.17:29044
[   275.0 ms] alice          198.51.100.33:12705 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.33:12705
[   300.0 ms] alice          connected from 192.168.1.10:33140 to 198.51.100.33:12705, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 192.168.1.11:50593 to 198.51.100.17:29044, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
