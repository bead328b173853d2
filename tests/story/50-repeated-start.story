# the server repeats START: alice finds its nonce used up, leaves the server, and goes on with the attempt that she has
seed 32    # of lies, one in which bob hears the truth, and alice START twice
site a: public
site b: public
alice at a: listens, timeout 3000
bob at b: connects, after 200, timeout 3000
at 50: server lies
expect
[     0.0 ms] alice          our address: 198.51.100.18:40494 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:40494 listens in room 41ff...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:40494
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 41ffad534e2f0e8db9d3df308c990e17b04b1adb4b7abc14e0e71fa8c4181b09
[   200.0 ms] bob            our address: 198.51.100.34:55970 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:55970 knocks in room 41ff...
[   275.0 ms] server         198.51.100.34:55970 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.18:40494 twice
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:55970
[   300.0 ms] alice          the peer's description is here: attempt 1 starts
[   300.0 ms] alice          the server starts both: the peer is 198.51.100.34:55970; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] alice          the peer offers 198.51.100.34:55970 (its own address)
[   300.0 ms] alice          dials 198.51.100.34:55970
[   300.0 ms] bob            the peer's description is here: attempt 1 starts
[   300.0 ms] bob            the server starts both: the peer is 198.51.100.18:40494; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] bob            the peer offers 198.51.100.18:40494 (its own address)
[   300.0 ms] bob            no NAT changes the peer's address
[   300.0 ms] bob            dials 198.51.100.18:40494
[   300.0 ms] alice          the server 203.0.113.1:3478 is lost (it does not speak our protocol), calls it again in 1.1 s
[   350.0 ms] alice          connected to 198.51.100.34:55970
[   350.0 ms] bob            connected to 198.51.100.18:40494
[   375.0 ms] bob            198.51.100.18:40494 proves that it holds the secret
[   375.0 ms] bob            chooses the link to 198.51.100.18:40494
[   375.0 ms] alice          198.51.100.34:55970 proves that it holds the secret
[   400.0 ms] alice          the peer chooses the link to 198.51.100.34:55970
[   400.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.34:55970, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   400.0 ms] bob            connected from 198.51.100.34:55970 to 198.51.100.18:40494, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
