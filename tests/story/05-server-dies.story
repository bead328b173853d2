# the server dies under the attempt, which needs it no more; alice is back when it is, and bob calls again
seed 5
site a: eim-drop
site b: eim-drop
path a-server: delay 10
path b-server: delay 15
path a-b: delay 40
alice at a: listens
bob at b: connects, after 100
at 150: server stops
at 1500: server starts
at 3000: bob stops
at 3100: bob starts
expect
[     0.0 ms] alice          our address: 192.168.1.10:41554 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:21074 listens in room 6b09...
[    40.0 ms] alice          our address: 198.51.100.17:21074 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:21074
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 6b0911163a1a82f21f750f7519a0081f6ac51e79013ccb08dea2428f85e23965
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 192.168.2.10:52091 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   130.0 ms] bob            the server 203.0.113.1:3478 answers, 30 ms there and back
[   130.0 ms] bob            knocks
[   145.0 ms] server         198.51.100.33:15227 knocks in room 6b09...
[   145.0 ms] server         198.51.100.33:15227 and 198.51.100.17:21074 start, after 0.0 and 5.0 ms
[   150.0 ms] server         dies
[   155.0 ms] alice          the peer's description is here: attempt 1 starts
[   155.0 ms] alice          the server starts both: the peer is 198.51.100.33:15227; begins in 5.0 ms, 50 ms to the peer and back through the server
[   155.0 ms] alice          leaves out 192.168.2.10:52091 (its own address): it is private and not of a network of ours
[   155.0 ms] alice          the peer offers 198.51.100.33:15227 (as its server sees it)
[   160.0 ms] alice          the server 203.0.113.1:3478 is lost (closed by the other side), calls it again in 929 ms
[   160.0 ms] alice          dials 198.51.100.33:15227
[   160.0 ms] bob            our address: 198.51.100.33:15227 (srflx)
[   160.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:15227
[   160.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   160.0 ms] bob            the peer's description is here: attempt 1 starts
[   160.0 ms] bob            the server starts both: the peer is 198.51.100.17:21074; begins at once, 50 ms to the peer and back through the server
[   160.0 ms] bob            the peer offers 198.51.100.17:21074 (as its server sees it)
[   160.0 ms] bob            leaves out 192.168.1.10:41554 (its own address): it is private and not of a network of ours
[   160.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   160.0 ms] bob            dials 198.51.100.17:21074
[   240.0 ms] alice          connected to 198.51.100.33:15227
[   240.0 ms] bob            connected to 198.51.100.17:21074
[   280.0 ms] bob            198.51.100.17:21074 proves that it holds the secret
[   280.0 ms] bob            chooses the link to 198.51.100.17:21074
[   280.0 ms] alice          198.51.100.33:15227 proves that it holds the secret
[   320.0 ms] alice          the peer chooses the link to 198.51.100.33:15227
[   320.0 ms] alice          connected from 192.168.1.10:41554 to 198.51.100.33:15227, punched: TCP after 85.0 ms, authenticated and nominated after 165.0 ms
[   320.0 ms] bob            connected from 192.168.2.10:52091 to 198.51.100.17:21074, punched: TCP after 80.0 ms, authenticated and nominated after 160.0 ms
[  1090.0 ms] alice          calls the server 203.0.113.1:3478
[  1110.0 ms] alice          the server 203.0.113.1:3478 is lost (refused), calls it again in 2.2 s
[  1500.0 ms] server         runs again
[  3000.0 ms] bob            is killed
[  3100.0 ms] bob            starts again
[  3100.0 ms] bob            our address: 192.168.2.10:49739 (host)
[  3100.0 ms] bob            calls the server 203.0.113.1:3478
[  3130.0 ms] bob            the server 203.0.113.1:3478 answers, 30 ms there and back
[  3130.0 ms] bob            knocks
[  3145.0 ms] server         198.51.100.33:12875 knocks in room 6b09... and waits
[  3160.0 ms] bob            our address: 198.51.100.33:12875 (srflx)
[  3160.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:12875
[  3160.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  3303.6 ms] alice          calls the server 203.0.113.1:3478
[  3323.6 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[  3333.6 ms] server         198.51.100.17:21074 listens in room 6b09...
[  3333.6 ms] server         198.51.100.33:12875 and 198.51.100.17:21074 start, after 0.0 and 5.0 ms
[  3343.6 ms] alice          the server sees us as 198.51.100.17:21074
[  3343.6 ms] alice          registered with the server at 203.0.113.1:3478, in room 6b0911163a1a82f21f750f7519a0081f6ac51e79013ccb08dea2428f85e23965
[  3343.6 ms] alice          the peer's description is here: attempt 2 starts
[  3343.6 ms] alice          the server starts both: the peer is 198.51.100.33:12875; begins in 5.0 ms, 50 ms to the peer and back through the server
[  3343.6 ms] alice          leaves out 192.168.2.10:49739 (its own address): it is private and not of a network of ours
[  3343.6 ms] alice          the peer offers 198.51.100.33:12875 (as its server sees it)
[  3348.6 ms] alice          dials 198.51.100.33:12875
[  3348.6 ms] bob            the peer's description is here: attempt 1 starts
[  3348.6 ms] bob            the server starts both: the peer is 198.51.100.17:21074; begins at once, 50 ms to the peer and back through the server
[  3348.6 ms] bob            the peer offers 198.51.100.17:21074 (as its server sees it)
[  3348.6 ms] bob            leaves out 192.168.1.10:41554 (its own address): it is private and not of a network of ours
[  3348.6 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  3348.6 ms] bob            dials 198.51.100.17:21074
[  3428.6 ms] alice          connected to 198.51.100.33:12875
[  3428.6 ms] bob            connected to 198.51.100.17:21074
[  3468.6 ms] bob            198.51.100.17:21074 proves that it holds the secret
[  3468.6 ms] bob            chooses the link to 198.51.100.17:21074
[  3468.6 ms] alice          198.51.100.33:12875 proves that it holds the secret
[  3508.6 ms] alice          the peer chooses the link to 198.51.100.33:12875
[  3508.6 ms] alice          connected from 192.168.1.10:41554 to 198.51.100.33:12875, punched: TCP after 85.0 ms, authenticated and nominated after 165.0 ms
[  3508.6 ms] bob            connected from 192.168.2.10:49739 to 198.51.100.17:21074, punched: TCP after 80.0 ms, authenticated and nominated after 160.0 ms
