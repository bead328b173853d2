# the SYNs cross, both SYN-ACKs are lost: the half-open sockets are left alone for a while, then given up; a fresh port is faster
seed 16
site a: eim-drop
site b: eim-drop
path b>a: delay 35
alice at a: listens
bob at b: connects, after 100
at 150: lose a>b 01
at 150: lose b>a 01
expect
[     0.0 ms] alice          our address: 192.168.1.10:48376 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:19704 listens in room 8a49...
[   100.0 ms] bob            our address: 192.168.2.10:34635 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:19704 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:19704
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 8a4986481f013ab0180bab327a9fba5b5f66b074764cff05b4f574038f265046
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:30539 knocks in room 8a49...
[   175.0 ms] server         198.51.100.33:30539 and 198.51.100.17:19704 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:30539 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:30539
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:30539; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:34635 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:30539 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:30539
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:19704; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:19704 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:48376 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:19704
[   225.0 ms] b-a            loses the SYN-ACK from 198.51.100.33:30539 to 198.51.100.17:19704
[   235.0 ms] a-b            loses the SYN-ACK from 198.51.100.17:19704 to 198.51.100.33:30539
[   400.0 ms] alice          the SYNs cross: 198.51.100.33:30539 is answering
[   400.0 ms] bob            the SYNs cross: 198.51.100.17:19704 is answering
[   700.0 ms] b-a            the TTL of the SYN from 198.51.100.33:25848 to 198.51.100.17:19704 runs out
[   700.0 ms] bob            opens our NAT for 198.51.100.17:19704 by a SYN that ends on the way (TTL 3)
[   750.0 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[   750.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:25848
[   750.0 ms] alice          dials 198.51.100.33:25848, where the peer's NAT is open for us
[   775.8 ms] bob            198.51.100.17:19704 began to answer and went no further, gives up this dial
[   775.8 ms] bob            dials 198.51.100.17:19704 (2nd time)
[   794.7 ms] alice          198.51.100.33:30539 began to answer and went no further, gives up this dial
[   794.7 ms] alice          dials 198.51.100.33:30539 (2nd time)
[   810.0 ms] alice          connected to 198.51.100.33:25848
[   835.0 ms] bob            connected to 198.51.100.17:19704
[   835.0 ms] bob            198.51.100.17:19704 proves that it holds the secret
[   835.0 ms] bob            chooses the link to 198.51.100.17:19704
[   835.8 ms] bob            connected to 198.51.100.17:19704
[   854.7 ms] alice          connected to 198.51.100.33:30539
[   870.0 ms] alice          198.51.100.33:25848 proves that it holds the secret
[   870.0 ms] alice          the peer chooses the link to 198.51.100.33:25848
[   870.0 ms] alice          connected from 192.168.1.10:48376 to 198.51.100.33:25848, punched: TCP after 610.0 ms, authenticated and nominated after 670.0 ms
[   879.7 ms] bob            198.51.100.17:19704 proves that it holds the secret
[   895.0 ms] bob            connected from 192.168.2.10:38136 to 198.51.100.17:19704, punched: TCP after 635.0 ms, authenticated and nominated after 695.0 ms
