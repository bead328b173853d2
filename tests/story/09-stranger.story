# strangers find alice's open port before bob does, and speak HTTP: who comes first is not the peer
seed 9
site a: public
site b: eim-drop
alice at a: listens
bob at b: connects, after 100
at 120: stranger calls alice
at 195: stranger calls alice
expect
[     0.0 ms] alice          our address: 198.51.100.18:54054 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:54054 listens in room 8fd4...
[   100.0 ms] bob            our address: 192.168.2.10:39115 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:54054
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 8fd499f3da6e4d18d68f73030542409f928f484f6b59739195dbc07b0d2b413b
[   120.0 ms] stranger       calls 198.51.100.18:54054
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:26827 knocks in room 8fd4...
[   175.0 ms] server         198.51.100.33:26827 and 198.51.100.18:54054 start, after 0.0 and 0.0 ms
[   195.0 ms] stranger       calls 198.51.100.18:54054
[   195.0 ms] alice          203.0.113.66:55353 is a stranger, shows it the door
[   200.0 ms] bob            our address: 198.51.100.33:26827 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:26827
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:26827; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:39115 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:26827 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:26827
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.18:54054; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.18:54054 (its own address)
[   200.0 ms] bob            no NAT changes the peer's address
[   200.0 ms] bob            dials 198.51.100.18:54054
[   250.0 ms] alice          connected to 198.51.100.33:26827
[   250.0 ms] bob            connected to 198.51.100.18:54054
[   270.0 ms] alice          203.0.113.66:55354 is a stranger, shows it the door
[   275.0 ms] bob            198.51.100.18:54054 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.18:54054
[   275.0 ms] alice          198.51.100.33:26827 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.33:26827
[   300.0 ms] alice          connected from 198.51.100.18:54054 to 198.51.100.33:26827, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 192.168.2.10:39115 to 198.51.100.18:54054, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
