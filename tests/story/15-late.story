# bob begins 300 ms late, and nobody hurries: where routers drop, one dial that waits is enough
seed 15
site a: eim-drop
site b: eim-drop
path server>b: delay 610      # the server believes in 310 each way
path b>server: delay 10
path a-server: delay 10
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:56788 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:11732 listens in room eba6...
[    40.0 ms] alice          our address: 198.51.100.17:11732 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:11732
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room eba6026b2d12ecd6eb130e3ebcbf8fa3264b40a402b5530be5654caa03c198c5
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 192.168.2.10:57586 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   720.0 ms] bob            the server 203.0.113.1:3478 answers, 620 ms there and back
[   720.0 ms] bob            knocks
[   730.0 ms] server         198.51.100.33:4338 knocks in room eba6...
[   730.0 ms] server         198.51.100.33:4338 and 198.51.100.17:11732 start, after 0.0 and 300.0 ms
[   740.0 ms] alice          the peer's description is here: attempt 1 starts
[   740.0 ms] alice          the server starts both: the peer is 198.51.100.33:4338; begins in 300 ms, 640 ms to the peer and back through the server
[   740.0 ms] alice          leaves out 192.168.2.10:57586 (its own address): it is private and not of a network of ours
[   740.0 ms] alice          the peer offers 198.51.100.33:4338 (as its server sees it)
[  1040.0 ms] alice          dials 198.51.100.33:4338
[  1065.0 ms] b's NAT        drops the SYN from 198.51.100.17:11732 to 198.51.100.33:4338: nobody here has called there
[  1340.0 ms] bob            our address: 198.51.100.33:4338 (srflx)
[  1340.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:4338
[  1340.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  1340.0 ms] bob            the peer's description is here: attempt 1 starts
[  1340.0 ms] bob            the server starts both: the peer is 198.51.100.17:11732; begins at once, 640 ms to the peer and back through the server
[  1340.0 ms] bob            the peer offers 198.51.100.17:11732 (as its server sees it)
[  1340.0 ms] bob            leaves out 192.168.1.10:56788 (its own address): it is private and not of a network of ours
[  1340.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  1340.0 ms] bob            dials 198.51.100.17:11732
[  1390.0 ms] bob            connected to 198.51.100.17:11732
[  1415.0 ms] alice          connected to 198.51.100.33:4338
[  1415.0 ms] alice          198.51.100.33:4338 proves that it holds the secret
[  1440.0 ms] bob            198.51.100.17:11732 proves that it holds the secret
[  1440.0 ms] bob            chooses the link to 198.51.100.17:11732
[  1440.0 ms] bob            connected from 192.168.2.10:57586 to 198.51.100.17:11732, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  1465.0 ms] alice          the peer chooses the link to 198.51.100.33:4338
[  1465.0 ms] alice          connected from 192.168.1.10:56788 to 198.51.100.33:4338, punched: TCP after 675.0 ms, authenticated and nominated after 725.0 ms
