# a's NAT takes the next port for each destination, b's keeps its own and refuses: bob dials what comes next
seed 44
site a: symmetric-seq
site b: eim-rst
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:57928 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:42808 listens in room 43a9...
[   100.0 ms] bob            our address: 192.168.2.10:33039 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:42808 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:42808
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 43a90e562bb7b9b37e02805ec80c45baf5e90d053aac5e745c841bf6dad3403d
[   100.0 ms] alice          our NAT takes the next port for each destination (sequential)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:28943 knocks in room 43a9...
[   175.0 ms] server         198.51.100.33:28943 and 198.51.100.17:42808 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:28943 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:28943
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:28943; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:33039 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:28943 (as its server sees it)
[   200.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   200.0 ms] alice          dials 198.51.100.33:28943
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:42808; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:42808 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:57928 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes the next port for each destination (sequential)
[   200.0 ms] bob            predicts the ports of the sequential NAT, in rounds
[   200.0 ms] bob            dials 198.51.100.17:42808
[   225.0 ms] b's NAT        refuses the SYN from 198.51.100.17:42810 to 198.51.100.33:28943: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:28943 to 198.51.100.17:42808: nobody here has called there
[   250.0 ms] alice          198.51.100.33:28943 does not let us in: refused
[   250.8 ms] alice          dials 198.51.100.33:28943 (2nd time)
[   275.8 ms] b's NAT        refuses the SYN from 198.51.100.17:42813 to 198.51.100.33:28943: nobody here has called there
[   300.8 ms] alice          198.51.100.33:28943 does not let us in: refused (2nd time)
[   306.2 ms] alice          dials 198.51.100.33:28943 (3rd time)
[   331.2 ms] b's NAT        refuses the SYN from 198.51.100.17:42814 to 198.51.100.33:28943: nobody here has called there
[   350.0 ms] alice          dials 198.51.100.33:28943 once more, from a port just taken
[   350.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:42812
[   350.0 ms] bob            dials 17 ports that the peer's NAT takes next, 198.51.100.17:42813 first
[   356.2 ms] alice          198.51.100.33:28943 does not let us in: refused (3rd time)
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:28943 to 198.51.100.17:42813: nobody here has called there
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:28943 to 198.51.100.17:42814: nobody here has called there
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:28943 to 198.51.100.17:42829: nobody here has called there
[   400.0 ms] alice          connected to 198.51.100.33:28943
[   400.0 ms] bob            connected to 198.51.100.17:42815
[   400.0 ms] bob            connected to 198.51.100.17:42816
[   410.2 ms] alice          connected to 198.51.100.33:28943
[   425.0 ms] bob            198.51.100.17:42815 proves that it holds the secret
[   425.0 ms] bob            chooses the link to 198.51.100.17:42815
[   425.0 ms] alice          198.51.100.33:28943 proves that it holds the secret
[   425.0 ms] alice          198.51.100.33:28943 proves that it holds the secret
[   435.2 ms] bob            198.51.100.17:42816 proves that it holds the secret
[   450.0 ms] alice          the peer chooses the link to 198.51.100.33:28943
[   450.0 ms] alice          connected from 192.168.1.10:33233 to 198.51.100.33:28943, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
[   450.0 ms] bob            connected from 192.168.2.10:33039 to 198.51.100.17:42815, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
