# two homes behind one carrier whose NAT hairpins: private addresses lead nowhere, the public ones back in
seed 21
site a: preserving-drop, behind user, hairpin=yes
site b: eim-drop, behind carrier of a
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:52976 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:42983 listens in room 3d10...
[   100.0 ms] bob            our address: 192.168.2.10:51122 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:42983 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:42983
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 3d102d0a1ee613f0a8d26a743e2e9b429eda2d0e02d65186dd79326d4b1f0a7f
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.17:44265 knocks in room 3d10...
[   175.0 ms] server         198.51.100.17:44265 and 198.51.100.17:42983 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.17:44265 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.17:44265
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.17:44265; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 192.168.2.10:51122 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.17:44265 (as its server sees it)
[   200.0 ms] alice          dials 192.168.2.10:51122
[   200.0 ms] alice          dials 198.51.100.17:44265
[   200.0 ms] a's carrier    drops the SYN from 100.64.1.2:52976 to 198.51.100.17:44265: nobody here has called there
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:42983; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:42983 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:52976 (its own address)
[   200.0 ms] bob            dials 198.51.100.17:42983
[   200.0 ms] bob            dials 192.168.1.10:52976
[   200.2 ms] bob            connected to 198.51.100.17:42983
[   200.3 ms] alice          connected to 198.51.100.17:44265
[   200.3 ms] alice          198.51.100.17:44265 proves that it holds the secret
[   200.4 ms] bob            198.51.100.17:42983 proves that it holds the secret
[   200.4 ms] bob            chooses the link to 198.51.100.17:42983
[   200.4 ms] bob            connected from 192.168.2.10:51122 to 198.51.100.17:42983, punched: TCP after 0.2 ms, authenticated and nominated after 0.4 ms
[   200.5 ms] alice          the peer chooses the link to 198.51.100.17:44265
[   200.5 ms] alice          connected from 192.168.1.10:52976 to 198.51.100.17:44265, punched: TCP after 0.3 ms, authenticated and nominated after 0.5 ms
