# alice has just been refused when bob's SYN comes, and her next dial is not out yet: her listening socket takes it
seed 17
site a: public
site b: preserving-rst
path a-server: delay 10
path server>b: delay 55.6     # so that it comes within half a millisecond, which is the shortest pause
path b>server: delay 5
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 198.51.100.18:49507 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.18:49507 listens in room 2719...
[    40.0 ms] alice          no NAT changes our address
[    40.0 ms] alice          the server sees us as 198.51.100.18:49507
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 2719607b18815224f1e611fdb81bdb899a73c4d27dc0c1911b5eb6cd75383b67
[   100.0 ms] bob            our address: 192.168.2.10:37504 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   160.6 ms] bob            the server 203.0.113.1:3478 answers, 60 ms there and back
[   160.6 ms] bob            knocks
[   165.6 ms] server         198.51.100.33:37504 knocks in room 2719...
[   165.6 ms] server         198.51.100.33:37504 and 198.51.100.18:49507 start, after 0.0 and 20.3 ms
[   175.6 ms] alice          the peer's description is here: attempt 1 starts
[   175.6 ms] alice          the server starts both: the peer is 198.51.100.33:37504; begins in 20 ms, 80 ms to the peer and back through the server
[   175.6 ms] alice          leaves out 192.168.2.10:37504 (its own address): it is private and not of a network of ours
[   175.6 ms] alice          the peer offers 198.51.100.33:37504 (as its server sees it)
[   195.9 ms] alice          dials 198.51.100.33:37504
[   220.9 ms] b's NAT        refuses the SYN from 198.51.100.18:49507 to 198.51.100.33:37504: nobody here has called there
[   221.2 ms] bob            our address: 198.51.100.33:37504 (srflx)
[   221.2 ms] bob            the server heard the knock; it sees us as 198.51.100.33:37504
[   221.2 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   221.2 ms] bob            the peer's description is here: attempt 1 starts
[   221.2 ms] bob            the server starts both: the peer is 198.51.100.18:49507; begins at once, 80 ms to the peer and back through the server
[   221.2 ms] bob            the peer offers 198.51.100.18:49507 (its own address)
[   221.2 ms] bob            no NAT changes the peer's address
[   221.2 ms] bob            dials 198.51.100.18:49507
[   245.9 ms] alice          198.51.100.33:37504 does not let us in: refused
[   246.5 ms] alice          dials 198.51.100.33:37504 (2nd time)
[   246.5 ms] alice          198.51.100.33:37504: the pair of addresses is in use, most likely it has just come in
[   271.2 ms] bob            connected to 198.51.100.18:49507
[   293.2 ms] alice          dials 198.51.100.33:37504 (3rd time)
[   293.2 ms] alice          198.51.100.33:37504: the pair of addresses is in use, most likely it has just come in (2nd time)
[   296.2 ms] alice          198.51.100.33:37504 comes in
[   296.2 ms] alice          198.51.100.33:37504 proves that it holds the secret
[   321.2 ms] bob            198.51.100.18:49507 proves that it holds the secret
[   321.2 ms] bob            chooses the link to 198.51.100.18:49507
[   321.2 ms] bob            connected from 192.168.2.10:37504 to 198.51.100.18:49507, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   346.2 ms] alice          the peer chooses the link to 198.51.100.33:37504
[   346.2 ms] alice          connected from 198.51.100.18:49507 to 198.51.100.33:37504, direct: TCP after 120.6 ms, authenticated and nominated after 170.6 ms
