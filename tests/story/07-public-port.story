# nobody's public port is his local port, and both homes are behind carriers
# the server tells the true addresses, and one local port does it all
seed 7
site a: carrier                                  # another port at home, and again at the carrier
site b: preserving-drop, behind carrier-block    # a random one of the block of 512 that bob's home was given
path a-b: delay 40
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:49344 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:51392 listens in room ff8b...
[   100.0 ms] bob            our address: 192.168.2.10:45940 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:51392 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:51392
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room ff8b1ba03ace9f028408a4890d7e3405110a8b57282c9bafde6d306ee0feeb82
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:29296 knocks in room ff8b...
[   175.0 ms] server         198.51.100.33:29296 and 198.51.100.17:51392 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:29296 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:29296
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:29296; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:45940 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:29296 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:29296
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:51392; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:51392 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:49344 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:51392
[   280.0 ms] alice          connected to 198.51.100.33:29296
[   280.0 ms] bob            connected to 198.51.100.17:51392
[   320.0 ms] bob            198.51.100.17:51392 proves that it holds the secret
[   320.0 ms] bob            chooses the link to 198.51.100.17:51392
[   320.0 ms] alice          198.51.100.33:29296 proves that it holds the secret
[   360.0 ms] alice          the peer chooses the link to 198.51.100.33:29296
[   360.0 ms] alice          connected from 192.168.1.10:49344 to 198.51.100.33:29296, punched: TCP after 80.0 ms, authenticated and nominated after 160.0 ms
[   360.0 ms] bob            connected from 192.168.2.10:45940 to 198.51.100.17:51392, punched: TCP after 80.0 ms, authenticated and nominated after 160.0 ms
