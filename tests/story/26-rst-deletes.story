# the RST of b's router deletes the entry in a's own NAT: bob's SYN, 0.3 ms later, finds no way in any more
seed 26
site a: preserving-drop
site b: preserving-rst
path a-server: delay 10
path server>b: delay 55.6     # within half a millisecond, which is the shortest pause before a dial
path b>server: delay 5
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:49735 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:49735 listens in room defd...
[    40.0 ms] alice          our address: 198.51.100.17:49735 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:49735
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room defd0152dbfde33c2801ecf2cc778c2f276e4d88a5c7e30465b53b21d2b0b39e
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   100.0 ms] bob            our address: 192.168.2.10:37796 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   160.6 ms] bob            the server 203.0.113.1:3478 answers, 60 ms there and back
[   160.6 ms] bob            knocks
[   165.6 ms] server         198.51.100.33:37796 knocks in room defd...
[   165.6 ms] server         198.51.100.33:37796 and 198.51.100.17:49735 start, after 0.0 and 20.3 ms
[   175.6 ms] alice          the peer's description is here: attempt 1 starts
[   175.6 ms] alice          the server starts both: the peer is 198.51.100.33:37796; begins in 20 ms, 80 ms to the peer and back through the server
[   175.6 ms] alice          leaves out 192.168.2.10:37796 (its own address): it is private and not of a network of ours
[   175.6 ms] alice          the peer offers 198.51.100.33:37796 (as its server sees it)
[   195.9 ms] alice          dials 198.51.100.33:37796
[   220.9 ms] b's NAT        refuses the SYN from 198.51.100.17:49735 to 198.51.100.33:37796: nobody here has called there
[   221.2 ms] bob            our address: 198.51.100.33:37796 (srflx)
[   221.2 ms] bob            the server heard the knock; it sees us as 198.51.100.33:37796
[   221.2 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   221.2 ms] bob            the peer's description is here: attempt 1 starts
[   221.2 ms] bob            the server starts both: the peer is 198.51.100.17:49735; begins at once, 80 ms to the peer and back through the server
[   221.2 ms] bob            the peer offers 198.51.100.17:49735 (as its server sees it)
[   221.2 ms] bob            leaves out 192.168.1.10:49735 (its own address): it is private and not of a network of ours
[   221.2 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   221.2 ms] bob            dials 198.51.100.17:49735
[   245.9 ms] alice          198.51.100.33:37796 does not let us in: refused
[   246.2 ms] a's NAT        drops the SYN from 198.51.100.33:37796 to 198.51.100.17:49735: nobody here has called there
[   246.8 ms] alice          dials 198.51.100.33:37796 (2nd time)
[   296.8 ms] alice          connected to 198.51.100.33:37796
[   321.8 ms] bob            connected to 198.51.100.17:49735
[   321.8 ms] bob            198.51.100.17:49735 proves that it holds the secret
[   321.8 ms] bob            chooses the link to 198.51.100.17:49735
[   346.8 ms] alice          198.51.100.33:37796 proves that it holds the secret
[   346.8 ms] alice          the peer chooses the link to 198.51.100.33:37796
[   346.8 ms] alice          connected from 192.168.1.10:49735 to 198.51.100.33:37796, punched: TCP after 121.2 ms, authenticated and nominated after 171.2 ms
[   371.8 ms] bob            connected from 192.168.2.10:37796 to 198.51.100.17:49735, punched: TCP after 100.6 ms, authenticated and nominated after 150.6 ms
