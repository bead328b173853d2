# both machines have docker's 172.17.0.1 beside their own address: each calls itself there, in vain, and loses no time by it
seed 14
site a: eim-drop
site b: preserving-drop
alice at a: listens, docker
bob at b: connects, docker, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:59522 (host)
[     0.0 ms] alice          our address: 172.17.0.1:59522 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:6274 listens in room 39f9...
[   100.0 ms] bob            our address: 192.168.2.10:50342 (host)
[   100.0 ms] bob            our address: 172.17.0.1:50342 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:6274 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:6274
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 39f9cbb103486b57ae5e020624aafe66ffb670ad0d4b6b0d87a8d2ce402bc296
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:50342 knocks in room 39f9...
[   175.0 ms] server         198.51.100.33:50342 and 198.51.100.17:6274 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:50342 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:50342
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:50342; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:50342 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 172.17.0.1:50342 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.33:50342 (as its server sees it)
[   200.0 ms] alice          dials 172.17.0.1:50342
[   200.0 ms] alice          dials 198.51.100.33:50342
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:6274; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:6274 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:59522 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer offers 172.17.0.1:59522 (its own address)
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:6274
[   200.0 ms] bob            dials 172.17.0.1:59522
[   200.0 ms] alice          172.17.0.1:50342 does not let us in: refused
[   200.0 ms] bob            172.17.0.1:59522 does not let us in: refused
[   200.8 ms] alice          dials 172.17.0.1:50342 (2nd time)
[   200.9 ms] alice          172.17.0.1:50342 does not let us in: refused (2nd time)
[   201.0 ms] bob            dials 172.17.0.1:59522 (2nd time)
[   201.0 ms] bob            172.17.0.1:59522 does not let us in: refused (2nd time)
[   203.2 ms] alice          dials 172.17.0.1:50342 (3rd time)
[   203.2 ms] alice          172.17.0.1:50342 does not let us in: refused (3rd time)
[   203.6 ms] bob            dials 172.17.0.1:59522 (3rd time)
[   203.6 ms] bob            172.17.0.1:59522 does not let us in: refused (3rd time)
[   250.0 ms] alice          connected to 198.51.100.33:50342
[   250.0 ms] bob            connected to 198.51.100.17:6274
[   275.0 ms] bob            198.51.100.17:6274 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.17:6274
[   275.0 ms] alice          198.51.100.33:50342 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.33:50342
[   300.0 ms] alice          connected from 192.168.1.10:59522 to 198.51.100.33:50342, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 192.168.2.10:50342 to 198.51.100.17:6274, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
