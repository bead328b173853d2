# bob's knock, the server's START to alice, and her HELLO are lost on the way: TCP says them again
seed 23
site a: eim-drop
site b: eim-drop
alice at a: listens
bob at b: connects, after 100
at 140: lose b>server 001
at 300: lose server>a 1
at 350: lose a>b 001
expect
[     0.0 ms] alice          our address: 192.168.1.10:42418 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:21938 listens in room d335...
[   100.0 ms] bob            our address: 192.168.2.10:55937 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:21938 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:21938
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room d33506302afc195a95044b4e9ea2816816787a0fffb30776db4c5f5e4b34c9f7
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   150.0 ms] b-server       loses the data from 198.51.100.33:10881 to 203.0.113.1:3478
[   425.0 ms] server         198.51.100.33:10881 knocks in room d335...
[   425.0 ms] server         198.51.100.33:10881 and 198.51.100.17:21938 start, after 0.0 and 0.0 ms
[   425.0 ms] server-a       loses the data from 203.0.113.1:3478 to 198.51.100.17:21938
[   450.0 ms] bob            our address: 198.51.100.33:10881 (srflx)
[   450.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   450.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:10881
[   450.0 ms] bob            the peer's description is here: attempt 1 starts
[   450.0 ms] bob            the server starts both: the peer is 198.51.100.17:21938; begins at once, 100 ms to the peer and back through the server
[   450.0 ms] bob            the peer offers 198.51.100.17:21938 (as its server sees it)
[   450.0 ms] bob            leaves out 192.168.1.10:42418 (its own address): it is private and not of a network of ours
[   450.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   450.0 ms] bob            dials 198.51.100.17:21938
[   475.0 ms] a's NAT        drops the SYN from 198.51.100.33:10881 to 198.51.100.17:21938: nobody here has called there
[   700.0 ms] alice          the peer's description is here: attempt 1 starts
[   700.0 ms] alice          the server starts both: the peer is 198.51.100.33:10881; begins at once, 100 ms to the peer and back through the server
[   700.0 ms] alice          leaves out 192.168.2.10:55937 (its own address): it is private and not of a network of ours
[   700.0 ms] alice          the peer offers 198.51.100.33:10881 (as its server sees it)
[   700.0 ms] alice          dials 198.51.100.33:10881
[   750.0 ms] alice          connected to 198.51.100.33:10881
[   750.0 ms] a-b            loses the data from 198.51.100.17:21938 to 198.51.100.33:10881
[   775.0 ms] bob            connected to 198.51.100.17:21938
[   800.0 ms] alice          198.51.100.33:10881 proves that it holds the secret
[   887.5 ms] bob            198.51.100.17:21938 proves that it holds the secret
[   887.5 ms] bob            chooses the link to 198.51.100.17:21938
[   887.5 ms] bob            connected from 192.168.2.10:55937 to 198.51.100.17:21938, punched: TCP after 325.0 ms, authenticated and nominated after 437.5 ms
[   912.5 ms] alice          the peer chooses the link to 198.51.100.33:10881
[   912.5 ms] alice          connected from 192.168.1.10:42418 to 198.51.100.33:10881, punched: TCP after 50.0 ms, authenticated and nominated after 212.5 ms
