# neither NAT lets SYNs cross, a's lets everybody in: what was dialled from there is in the way, a fresh port is not
seed 69
site a: user, filter=eif, simopen=no
site b: user, simopen=no
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:47131 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:37138 listens in room bfea...
[   100.0 ms] bob            our address: 192.168.2.10:47227 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:37138 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:37138
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room bfea569aef139852a9b952a046d07b014e39464e1a5628be034b70ac7ffb168a
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:37234 knocks in room bfea...
[   175.0 ms] server         198.51.100.33:37234 and 198.51.100.17:37138 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:37234 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:37234
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:37234; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:47227 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:37234 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:37234
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:37138; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:37138 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:47131 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:37138
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:37138 to 198.51.100.33:37234: it lets no SYNs cross
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:37234 to 198.51.100.17:37138: it lets no SYNs cross
[   700.0 ms] b-a            the TTL of the SYN from 198.51.100.33:41318 to 198.51.100.17:37138 runs out
[   700.0 ms] bob            opens our NAT for 198.51.100.17:37138 by a SYN that ends on the way (TTL 3)
[   750.0 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[   750.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:41318
[   750.0 ms] alice          dials 198.51.100.33:41318, where the peer's NAT is open for us
[   775.0 ms] b's NAT        drops the SYN from 198.51.100.17:37138 to 198.51.100.33:41318: it lets no SYNs cross
[  1225.0 ms] b's NAT        drops the SYN from 198.51.100.17:37138 to 198.51.100.33:37234: it lets no SYNs cross
[  1225.0 ms] a's NAT        drops the SYN from 198.51.100.33:37234 to 198.51.100.17:37138: it lets no SYNs cross
[  1450.0 ms] a-b            the TTL of the SYN from 198.51.100.17:34415 to 198.51.100.33:37234 runs out
[  1450.0 ms] alice          opens our NAT for 198.51.100.33:37234 by a SYN that ends on the way (TTL 3)
[  1500.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:34415
[  1500.0 ms] bob            dials 198.51.100.17:34415, where the peer's NAT is open for us
[  1525.0 ms] a's NAT        drops the SYN from 198.51.100.33:37234 to 198.51.100.17:34415: it lets no SYNs cross
[  2200.0 ms] bob            opens our NAT for 198.51.100.17:37138 by a SYN that ends on the way (TTL 5)
[  2225.0 ms] a-a            the TTL of the SYN from 198.51.100.33:46258 to 192.168.1.10:47131 runs out
[  2250.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:46258
[  2250.0 ms] alice          dials 198.51.100.33:46258, where the peer's NAT is open for us
[  2733.9 ms] bob            198.51.100.17:37138 is silent, gives up this dial
[  2733.9 ms] bob            dials 198.51.100.17:37138 (2nd time)
[  2931.0 ms] alice          198.51.100.33:37234 is silent, gives up this dial
[  2931.0 ms] alice          dials 198.51.100.33:37234 (2nd time)
[  2950.0 ms] alice          opens our NAT for 198.51.100.33:37234 by a SYN that ends on the way (TTL 5)
[  3000.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:39355
[  3000.0 ms] bob            dials 198.51.100.17:39355, where the peer's NAT is open for us
[  3250.0 ms] bob            connected to 198.51.100.17:37138
[  3275.0 ms] alice          198.51.100.33:46258 comes in
[  3275.0 ms] alice          198.51.100.33:46258 proves that it holds the secret
[  3300.0 ms] bob            198.51.100.17:37138 proves that it holds the secret
[  3300.0 ms] bob            chooses the link to 198.51.100.17:37138
[  3300.0 ms] bob            connected from 192.168.2.10:56251 to 198.51.100.17:37138, punched: TCP after 3050.0 ms, authenticated and nominated after 3100.0 ms
[  3325.0 ms] alice          the peer chooses the link to 198.51.100.33:46258
[  3325.0 ms] alice          connected from 192.168.1.10:47131 to 198.51.100.33:46258, punched: TCP after 3075.0 ms, authenticated and nominated after 3125.0 ms
