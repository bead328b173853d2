# all that alice dials is in vain, but she listens on the same port, and bob comes in
# his router takes a random port for each call, and refuses strangers
seed 10
site a: fullcone
site b: symmetric-random, stray=rst
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:40626 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:40945 listens in room fb3b...
[   100.0 ms] bob            our address: 192.168.2.10:37539 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:40945 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:40945
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room fb3b155602779ac1f9b54495fc0931df7979ab586fb34a02c0ae9beb4229a473
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:6592 knocks in room fb3b...
[   175.0 ms] server         198.51.100.33:6592 and 198.51.100.17:40945 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:6592 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:6592
[   200.0 ms] bob            our NAT takes any port for each destination (random)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:6592; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:37539 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:6592 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:6592
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:40945; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:40945 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:40626 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] bob            dials 198.51.100.17:40945
[   225.0 ms] b's NAT        refuses the SYN from 198.51.100.17:40945 to 198.51.100.33:6592: nobody here has called there
[   250.0 ms] alice          198.51.100.33:6592 does not let us in: refused
[   250.0 ms] bob            connected to 198.51.100.17:40945
[   250.9 ms] alice          dials 198.51.100.33:6592 (2nd time)
[   275.0 ms] alice          198.51.100.33:49223 comes in
[   275.0 ms] alice          198.51.100.33:49223 proves that it holds the secret
[   275.9 ms] b's NAT        refuses the SYN from 198.51.100.17:40945 to 198.51.100.33:6592: nobody here has called there
[   300.0 ms] bob            198.51.100.17:40945 proves that it holds the secret
[   300.0 ms] bob            chooses the link to 198.51.100.17:40945
[   300.0 ms] bob            connected from 192.168.2.10:37539 to 198.51.100.17:40945, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.9 ms] alice          198.51.100.33:6592 does not let us in: refused (2nd time)
[   325.0 ms] alice          the peer chooses the link to 198.51.100.33:49223
[   325.0 ms] alice          connected from 192.168.1.10:40626 to 198.51.100.33:49223, punched: TCP after 75.0 ms, authenticated and nominated after 125.0 ms
