# the server makes alice wait as long as can be said: bob's SYN finds her listener before
seed 4
site a: public
site b: public
alice at a: listens, timeout 1500
bob at b: connects, after 200, timeout 2000
at 50: server lies
expect
[     0.0 ms] alice          our address: 198.51.100.18:44067 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:44067 listens in room fc11...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:44067
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room fc11c8164f0b09a4c4d1c374829a7e0d69ff869c733028246f3cf8ceacedd0ea
[   200.0 ms] bob            our address: 198.51.100.34:47501 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:47501 knocks in room fc11...
[   275.0 ms] server         198.51.100.34:47501 and 198.51.100.18:44067 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.18:44067 with the longest delay that can be said
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:47501
[   300.0 ms] alice          the peer's description is here: attempt 1 starts
[   300.0 ms] alice          has the peer's description; begins in 5.0 s
[   300.0 ms] alice          the peer offers 198.51.100.34:47501 (its own address)
[   300.0 ms] bob            the peer's description is here: attempt 1 starts
[   300.0 ms] bob            the server starts both: the peer is 198.51.100.18:44067; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] bob            the peer offers 198.51.100.18:44067 (its own address)
[   300.0 ms] bob            no NAT changes the peer's address
[   300.0 ms] bob            dials 198.51.100.18:44067
[   350.0 ms] bob            connected to 198.51.100.18:44067
[   375.0 ms] alice          198.51.100.34:47501 comes in
[   375.0 ms] alice          198.51.100.34:47501 proves that it holds the secret
[   400.0 ms] bob            198.51.100.18:44067 proves that it holds the secret
[   400.0 ms] bob            chooses the link to 198.51.100.18:44067
[   400.0 ms] bob            connected from 198.51.100.34:47501 to 198.51.100.18:44067, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   425.0 ms] alice          the peer chooses the link to 198.51.100.34:47501
[   425.0 ms] alice          connected from 198.51.100.18:44067 to 198.51.100.34:47501, direct: TCP after 75.0 ms, authenticated and nominated after 125.0 ms
