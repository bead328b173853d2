# b's router reboots in the middle and forgets bob's call: his SYN, repeated, opens it anew
seed 38
site a: eim-drop
site b: user
alice at a: listens
bob at b: connects, after 100
at 210: nat of b reboots
expect
[     0.0 ms] alice          our address: 192.168.1.10:41838 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:21358 listens in room 717a...
[   100.0 ms] bob            our address: 192.168.2.10:35214 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:21358 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:21358
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 717aaca94586a16f53e10e55c301d5b8c4f875b99a16f3ced432c762909a0b1b
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:25221 knocks in room 717a...
[   175.0 ms] server         198.51.100.33:25221 and 198.51.100.17:21358 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:25221 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:25221
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:25221; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:35214 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:25221 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:25221
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:21358; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:21358 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:41838 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:21358
[   210.0 ms] b's NAT        reboots and forgets everything
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:21358 to 198.51.100.33:25221: nobody here has called there
[   250.0 ms] b's NAT        drops the SYN-ACK from 198.51.100.17:21358 to 198.51.100.33:25221: nobody here has called there
[   400.0 ms] alice          the SYNs cross: 198.51.100.33:25221 is answering
[   700.0 ms] b-a            the TTL of the SYN from 198.51.100.33:48841 to 198.51.100.17:21358 runs out
[   700.0 ms] bob            opens our NAT for 198.51.100.17:21358 by a SYN that ends on the way (TTL 3)
[   800.1 ms] alice          198.51.100.33:25221 began to answer and went no further, gives up this dial
[   800.1 ms] alice          dials 198.51.100.33:25221 (2nd time)
[   825.1 ms] b's NAT        drops the SYN from 198.51.100.17:21358 to 198.51.100.33:25221: nobody here has called there
[  1250.0 ms] bob            connected to 198.51.100.17:21358
[  1275.0 ms] alice          connected to 198.51.100.33:25221
[  1275.0 ms] alice          198.51.100.33:25221 proves that it holds the secret
[  1300.0 ms] bob            198.51.100.17:21358 proves that it holds the secret
[  1300.0 ms] bob            chooses the link to 198.51.100.17:21358
[  1300.0 ms] bob            connected from 192.168.2.10:35214 to 198.51.100.17:21358, punched: TCP after 1050.0 ms, authenticated and nominated after 1100.0 ms
[  1325.0 ms] alice          the peer chooses the link to 198.51.100.33:25221
[  1325.0 ms] alice          connected from 192.168.1.10:41838 to 198.51.100.33:25221, punched: TCP after 1075.0 ms, authenticated and nominated after 1125.0 ms
