# the server lies: START comes to bob as garbage, and to alice comes the one that was bob's
# neither obeys, both call again, and by then the server is honest
seed 69
site a: public
site b: public
alice at a: listens
bob at b: connects, after 200
at 50: server lies
at 1000: server starts
expect
[     0.0 ms] alice          our address: 198.51.100.18:47131 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:47131 listens in room bfea...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:47131
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room bfea569aef139852a9b952a046d07b014e39464e1a5628be034b70ac7ffb168a
[   200.0 ms] bob            our address: 198.51.100.34:47227 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:47227 knocks in room bfea...
[   275.0 ms] server         198.51.100.34:47227 and 198.51.100.18:47131 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.34:47227 as garbage
[   275.0 ms] server         lies: START goes to 198.51.100.18:47131 as another START that it has kept
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:47227
[   300.0 ms] alice          the server 203.0.113.1:3478 is lost (it does not speak our protocol), calls it again in 924 ms
[   300.0 ms] bob            the server 203.0.113.1:3478 is lost (it does not speak our protocol), calls it again in 1.1 s
[  1000.0 ms] server         runs again
[  1224.9 ms] alice          calls the server 203.0.113.1:3478
[  1274.9 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  1299.9 ms] server         198.51.100.18:47131 listens in room bfea...
[  1324.9 ms] alice          the server sees us as 198.51.100.18:47131
[  1324.9 ms] alice          registered with the server at 203.0.113.1:3478, in room bfea569aef139852a9b952a046d07b014e39464e1a5628be034b70ac7ffb168a
[  1384.9 ms] bob            calls the server 203.0.113.1:3478
[  1434.9 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  1434.9 ms] bob            knocks
[  1459.9 ms] server         198.51.100.34:47227 knocks in room bfea...
[  1459.9 ms] server         198.51.100.34:47227 and 198.51.100.18:47131 start, after 0.0 and 0.0 ms
[  1484.9 ms] bob            the server heard the knock; it sees us as 198.51.100.34:47227
[  1484.9 ms] alice          the peer's description is here: attempt 1 starts
[  1484.9 ms] alice          the server starts both: the peer is 198.51.100.34:47227; begins at once, 100 ms to the peer and back through the server
[  1484.9 ms] alice          the peer offers 198.51.100.34:47227 (its own address)
[  1484.9 ms] alice          no NAT changes the peer's address
[  1484.9 ms] alice          dials 198.51.100.34:47227
[  1484.9 ms] bob            the peer's description is here: attempt 1 starts
[  1484.9 ms] bob            the server starts both: the peer is 198.51.100.18:47131; begins at once, 100 ms to the peer and back through the server
[  1484.9 ms] bob            the peer offers 198.51.100.18:47131 (its own address)
[  1484.9 ms] bob            no NAT changes the peer's address
[  1484.9 ms] bob            dials 198.51.100.18:47131
[  1534.9 ms] alice          connected to 198.51.100.34:47227
[  1534.9 ms] bob            connected to 198.51.100.18:47131
[  1559.9 ms] bob            198.51.100.18:47131 proves that it holds the secret
[  1559.9 ms] bob            chooses the link to 198.51.100.18:47131
[  1559.9 ms] alice          198.51.100.34:47227 proves that it holds the secret
[  1584.9 ms] alice          the peer chooses the link to 198.51.100.34:47227
[  1584.9 ms] alice          connected from 198.51.100.18:47131 to 198.51.100.34:47227, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  1584.9 ms] bob            connected from 198.51.100.34:47227 to 198.51.100.18:47131, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
