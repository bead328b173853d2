# both in one house: the private addresses are offered, too, and win in less than a millisecond
# the router lets nobody out and in again
seed 20
site a: eim-drop
alice at a: listens
bob at a: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:49678 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:12814 listens in room cde9...
[   100.0 ms] bob            our address: 192.168.1.11:37369 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:12814 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:12814
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room cde9477f80916dfbedc880e84f0e29458682185756346266c79fae807f0abe01
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.17:26105 knocks in room cde9...
[   175.0 ms] server         198.51.100.17:26105 and 198.51.100.17:12814 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.17:26105 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.17:26105
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.17:26105; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 192.168.1.11:37369 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.17:26105 (as its server sees it)
[   200.0 ms] alice          dials 192.168.1.11:37369
[   200.0 ms] alice          dials 198.51.100.17:26105
[   200.0 ms] a's NAT        refuses the SYN from 192.168.1.10:49678 to 198.51.100.17:26105: nobody here has called there
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:12814; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:12814 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:49678 (its own address)
[   200.0 ms] bob            dials 198.51.100.17:12814
[   200.0 ms] a's NAT        refuses the SYN from 192.168.1.11:37369 to 198.51.100.17:12814: nobody here has called there
[   200.0 ms] bob            dials 192.168.1.10:49678
[   200.1 ms] alice          198.51.100.17:26105 does not let us in: refused
[   200.1 ms] bob            198.51.100.17:12814 does not let us in: refused
[   200.2 ms] alice          connected to 192.168.1.11:37369
[   200.2 ms] bob            connected to 192.168.1.10:49678
[   200.3 ms] bob            192.168.1.10:49678 proves that it holds the secret
[   200.3 ms] bob            chooses the link to 192.168.1.10:49678
[   200.3 ms] alice          192.168.1.11:37369 proves that it holds the secret
[   200.4 ms] alice          the peer chooses the link to 192.168.1.11:37369
[   200.4 ms] alice          connected from 192.168.1.10:49678 to 192.168.1.11:37369, lan: TCP after 0.2 ms, authenticated and nominated after 0.4 ms
[   200.4 ms] bob            connected from 192.168.1.11:37369 to 192.168.1.10:49678, lan: TCP after 0.2 ms, authenticated and nominated after 0.4 ms
