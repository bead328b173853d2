# five peers come to one listener in one instant, and each gets a connection of his own
seed 32
site a: public
site b: public
alice at a: listens
bob at b: connects, after 100, quiet
carol at b: connects, after 100, quiet
dave at b: connects, after 100, quiet
erin at b: connects, after 100, quiet
frank at b: connects, after 100, quiet
expect
[     0.0 ms] alice          our address: 198.51.100.18:40494 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:40494 listens in room 41ff...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:40494
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 41ffad534e2f0e8db9d3df308c990e17b04b1adb4b7abc14e0e71fa8c4181b09
[   175.0 ms] server         198.51.100.34:55970 knocks in room 41ff...
[   175.0 ms] server         198.51.100.34:55970 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   175.0 ms] server         198.51.100.35:57339 knocks in room 41ff...
[   175.0 ms] server         198.51.100.35:57339 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   175.0 ms] server         198.51.100.36:37337 knocks in room 41ff...
[   175.0 ms] server         198.51.100.36:37337 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   175.0 ms] server         198.51.100.37:35920 knocks in room 41ff...
[   175.0 ms] server         198.51.100.37:35920 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   175.0 ms] server         198.51.100.38:50529 knocks in room 41ff...
[   175.0 ms] server         198.51.100.38:50529 and 198.51.100.18:40494 start, after 0.0 and 0.0 ms
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.34:55970; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.34:55970 (its own address)
[   200.0 ms] alice          dials 198.51.100.34:55970
[   200.0 ms] alice          the peer's description is here: attempt 2 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.35:57339; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.35:57339 (its own address)
[   200.0 ms] alice          dials 198.51.100.35:57339
[   200.0 ms] alice          the peer's description is here: attempt 3 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.36:37337; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.36:37337 (its own address)
[   200.0 ms] alice          dials 198.51.100.36:37337
[   200.0 ms] alice          the peer's description is here: attempt 4 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.37:35920; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.37:35920 (its own address)
[   200.0 ms] alice          dials 198.51.100.37:35920
[   200.0 ms] alice          the peer's description is here: attempt 5 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.38:50529; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.38:50529 (its own address)
[   200.0 ms] alice          dials 198.51.100.38:50529
[   250.0 ms] alice          connected to 198.51.100.34:55970
[   250.0 ms] alice          connected to 198.51.100.35:57339
[   250.0 ms] alice          connected to 198.51.100.36:37337
[   250.0 ms] alice          connected to 198.51.100.37:35920
[   250.0 ms] alice          connected to 198.51.100.38:50529
[   275.0 ms] alice          198.51.100.34:55970 proves that it holds the secret
[   275.0 ms] alice          198.51.100.35:57339 proves that it holds the secret
[   275.0 ms] alice          198.51.100.36:37337 proves that it holds the secret
[   275.0 ms] alice          198.51.100.37:35920 proves that it holds the secret
[   275.0 ms] alice          198.51.100.38:50529 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.34:55970
[   300.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.34:55970, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] alice          the peer chooses the link to 198.51.100.35:57339
[   300.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.35:57339, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] alice          the peer chooses the link to 198.51.100.36:37337
[   300.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.36:37337, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] alice          the peer chooses the link to 198.51.100.37:35920
[   300.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.37:35920, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] alice          the peer chooses the link to 198.51.100.38:50529
[   300.0 ms] alice          connected from 198.51.100.18:40494 to 198.51.100.38:50529, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
