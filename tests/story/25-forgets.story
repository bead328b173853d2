# a's router forgets what is idle for 10 s, and no keepalive is that fast: alice finds out, and registers anew
seed 25
site a: user-eim-drop, idle=10000
site b: eim-drop
alice at a: listens
bob at b: connects, after 40000
expect
[     0.0 ms] alice          our address: 192.168.1.10:52738 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:42745 listens in room df85...
[   100.0 ms] alice          our address: 198.51.100.17:42745 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:42745
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room df85b64537c852dc1950df19a26c4fe9a728c15ec3f2bed3f7ad1eef1f064fbd
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[ 34150.4 ms] alice          the server 203.0.113.1:3478 is lost (no answer), calls it again in 919 ms
[ 35069.5 ms] alice          calls the server 203.0.113.1:3478
[ 35177.5 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[ 35202.5 ms] server         198.51.100.17:42745 listens in room df85...
[ 35227.5 ms] alice          the server sees us as 198.51.100.17:42745
[ 35227.5 ms] alice          registered with the server at 203.0.113.1:3478, in room df85b64537c852dc1950df19a26c4fe9a728c15ec3f2bed3f7ad1eef1f064fbd
[ 40000.0 ms] bob            our address: 192.168.2.10:53682 (host)
[ 40000.0 ms] bob            calls the server 203.0.113.1:3478
[ 40050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[ 40050.0 ms] bob            knocks
[ 40075.0 ms] server         198.51.100.33:8626 knocks in room df85...
[ 40075.0 ms] server         198.51.100.33:8626 and 198.51.100.17:42745 start, after 0.0 and 0.0 ms
[ 40100.0 ms] bob            our address: 198.51.100.33:8626 (srflx)
[ 40100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:8626
[ 40100.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[ 40100.0 ms] alice          the peer's description is here: attempt 1 starts
[ 40100.0 ms] alice          the server starts both: the peer is 198.51.100.33:8626; begins at once, 100 ms to the peer and back through the server
[ 40100.0 ms] alice          leaves out 192.168.2.10:53682 (its own address): it is private and not of a network of ours
[ 40100.0 ms] alice          the peer offers 198.51.100.33:8626 (as its server sees it)
[ 40100.0 ms] alice          dials 198.51.100.33:8626
[ 40100.0 ms] bob            the peer's description is here: attempt 1 starts
[ 40100.0 ms] bob            the server starts both: the peer is 198.51.100.17:42745; begins at once, 100 ms to the peer and back through the server
[ 40100.0 ms] bob            the peer offers 198.51.100.17:42745 (as its server sees it)
[ 40100.0 ms] bob            leaves out 192.168.1.10:52738 (its own address): it is private and not of a network of ours
[ 40100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[ 40100.0 ms] bob            dials 198.51.100.17:42745
[ 40150.0 ms] alice          connected to 198.51.100.33:8626
[ 40150.0 ms] bob            connected to 198.51.100.17:42745
[ 40175.0 ms] bob            198.51.100.17:42745 proves that it holds the secret
[ 40175.0 ms] bob            chooses the link to 198.51.100.17:42745
[ 40175.0 ms] alice          198.51.100.33:8626 proves that it holds the secret
[ 40200.0 ms] alice          the peer chooses the link to 198.51.100.33:8626
[ 40200.0 ms] alice          connected from 192.168.1.10:52738 to 198.51.100.33:8626, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[ 40200.0 ms] bob            connected from 192.168.2.10:53682 to 198.51.100.17:42745, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
