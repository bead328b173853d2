# alice's first three SYNs to the server by IPv4 are lost: IPv6 is used after 1.2 s, and left for IPv4 when that comes
seed 41
site a: eim-drop, v6=open
site b: eim-drop
path a-server: delay 10
alice at a: listens, after 1
bob at b: connects, after 6000
at 0: lose a>server 1
at 500: lose a>server 1
at 1900: lose a>server 1
expect
[     1.0 ms] alice          our address: 192.168.1.10:41441 (host)
[     1.0 ms] alice          our address: [2001:db8:1:1::10]:41441 (host)
[     1.0 ms] alice          calls the server 203.0.113.1:3478
[     1.0 ms] a-server       loses the SYN from 198.51.100.17:20961 to 203.0.113.1:3478
[   251.0 ms] alice          calls the server [2001:db8:5e::1]:3478
[   271.0 ms] alice          the server [2001:db8:5e::1]:3478 answers, 20 ms there and back
[   271.0 ms] alice          waits for the server by IPv4, which alone shows our address there, at most 950 ms
[  1001.0 ms] a-server       loses the SYN from 198.51.100.17:20961 to 203.0.113.1:3478
[  1231.0 ms] server         [2001:db8:1:1::10]:41441 listens in room e1a2...
[  1241.0 ms] alice          the server sees us as [2001:db8:1:1::10]:41441
[  1241.0 ms] alice          registered with the server at [2001:db8:5e::1]:3478, in room e1a2476c83a25dc76abc606e4fb7e7d493b352516ebbc0a0168c9c01d6fd5aa2
[  2001.0 ms] a-server       loses the SYN from 198.51.100.17:20961 to 203.0.113.1:3478
[  3021.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[  3031.0 ms] server         198.51.100.17:20961 listens in room e1a2...
[  3041.0 ms] alice          our address: 198.51.100.17:20961 (srflx)
[  3041.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[  3041.0 ms] alice          the server sees us as 198.51.100.17:20961
[  3041.0 ms] alice          registered with the server at 203.0.113.1:3478, in room e1a2476c83a25dc76abc606e4fb7e7d493b352516ebbc0a0168c9c01d6fd5aa2
[  6000.0 ms] bob            our address: 192.168.2.10:35263 (host)
[  6000.0 ms] bob            calls the server 203.0.113.1:3478
[  6050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  6050.0 ms] bob            knocks
[  6075.0 ms] server         198.51.100.33:31167 knocks in room e1a2...
[  6075.0 ms] server         198.51.100.33:31167 and 198.51.100.17:20961 start, after 0.0 and 15.0 ms
[  6085.0 ms] alice          the peer's description is here: attempt 1 starts
[  6085.0 ms] alice          the server starts both: the peer is 198.51.100.33:31167; begins in 15 ms, 70 ms to the peer and back through the server
[  6085.0 ms] alice          leaves out 192.168.2.10:35263 (its own address): it is private and not of a network of ours
[  6085.0 ms] alice          the peer offers 198.51.100.33:31167 (as its server sees it)
[  6100.0 ms] alice          dials 198.51.100.33:31167
[  6100.0 ms] bob            our address: 198.51.100.33:31167 (srflx)
[  6100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:31167
[  6100.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  6100.0 ms] bob            the peer's description is here: attempt 1 starts
[  6100.0 ms] bob            the server starts both: the peer is 198.51.100.17:20961; begins at once, 70 ms to the peer and back through the server
[  6100.0 ms] bob            the peer offers [2001:db8:1:1::10]:41441 (its own address)
[  6100.0 ms] bob            the peer offers 198.51.100.17:20961 (as its server sees it)
[  6100.0 ms] bob            leaves out 192.168.1.10:41441 (its own address): it is private and not of a network of ours
[  6100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  6100.0 ms] bob            dials [2001:db8:1:1::10]:41441
[  6100.0 ms] bob            dials 198.51.100.17:20961
[  6100.0 ms] bob            [2001:db8:1:1::10]:41441 does not let us in: this machine has no route there
[  6150.0 ms] alice          connected to 198.51.100.33:31167
[  6150.0 ms] bob            connected to 198.51.100.17:20961
[  6175.0 ms] bob            198.51.100.17:20961 proves that it holds the secret
[  6175.0 ms] bob            chooses the link to 198.51.100.17:20961
[  6175.0 ms] alice          198.51.100.33:31167 proves that it holds the secret
[  6200.0 ms] alice          the peer chooses the link to 198.51.100.33:31167
[  6200.0 ms] alice          connected from 192.168.1.10:41441 to 198.51.100.33:31167, punched: TCP after 65.0 ms, authenticated and nominated after 115.0 ms
[  6200.0 ms] bob            connected from 192.168.2.10:35263 to 198.51.100.17:20961, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
