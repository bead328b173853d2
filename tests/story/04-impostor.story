# bob's private address is also that of a stranger in alice's house, who answers but does not hold the secret
seed 4
site a: eim-drop, lan=1
site b: eim-drop, lan=1
alice at a: listens                  # 192.168.1.10
mallory at a: impostor               # 192.168.1.11
carol at b: listens, ticket 1        # 192.168.1.10 too, in another house
bob at b: connects, after 100        # 192.168.1.11
expect
[     0.0 ms] alice          our address: 192.168.1.10:44067 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[     0.0 ms] carol          our address: 192.168.1.10:32980 (host)
[     0.0 ms] carol          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] carol          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:23587 listens in room fc11...
[    75.0 ms] server         198.51.100.33:28884 listens in room 4aba...
[   100.0 ms] bob            our address: 192.168.1.11:39828 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:23587 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:23587
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room fc11c8164f0b09a4c4d1c374829a7e0d69ff869c733028246f3cf8ceacedd0ea
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] carol          our address: 198.51.100.33:28884 (srflx)
[   100.0 ms] carol          the server sees us as 198.51.100.33:28884
[   100.0 ms] carol          registered with the server at 203.0.113.1:3478, in room 4aba544330cc67971cd0b5ae2c572c094ddd1d08db69b7d828ad83e3021bbbe4
[   100.0 ms] carol          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:28564 knocks in room fc11...
[   175.0 ms] server         198.51.100.33:28564 and 198.51.100.17:23587 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:28564 (srflx)
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:28564
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:28564; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 192.168.1.11:39828 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.33:28564 (as its server sees it)
[   200.0 ms] alice          dials 192.168.1.11:39828
[   200.0 ms] alice          dials 198.51.100.33:28564
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:23587; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:23587 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:44067 (its own address)
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:23587
[   200.0 ms] bob            dials 192.168.1.10:44067
[   200.2 ms] alice          connected to 192.168.1.11:39828
[   200.2 ms] bob            192.168.1.10:44067 does not let us in: refused
[   200.3 ms] mallory        plays a recording to 192.168.1.10:44067
[   200.4 ms] alice          192.168.1.11:39828 is a stranger, shows it the door
[   200.8 ms] bob            dials 192.168.1.10:44067 (2nd time)
[   201.0 ms] bob            192.168.1.10:44067 does not let us in: refused (2nd time)
[   206.3 ms] bob            dials 192.168.1.10:44067 (3rd time)
[   206.5 ms] bob            192.168.1.10:44067 does not let us in: refused (3rd time)
[   239.9 ms] a's NAT        refuses the SYN from 192.168.1.11:47501 to 198.51.100.17:23587: nobody here has called there
[   250.0 ms] alice          connected to 198.51.100.33:28564
[   250.0 ms] bob            connected to 198.51.100.17:23587
[   275.0 ms] bob            198.51.100.17:23587 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.17:23587
[   275.0 ms] alice          198.51.100.33:28564 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.33:28564
[   300.0 ms] alice          connected from 192.168.1.10:44067 to 198.51.100.33:28564, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 192.168.1.11:39828 to 198.51.100.17:23587, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   322.6 ms] b's NAT        drops the SYN from 198.51.100.17:19853 to 198.51.100.33:28884: nobody here has called there
