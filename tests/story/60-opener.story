# a's router takes another port towards whom it has heard first: in turns, one side opens, the other dials
seed 60
site a: remapping
site b: eim-drop
path server>a: delay 120        # the server takes half of there and back, and START comes late to alice
path a>server: delay 5
alice at a: listens
bob at b: connects, after 300
expect
[     0.0 ms] alice          our address: 192.168.1.10:59199 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[   125.0 ms] alice          the server 203.0.113.1:3478 answers, 125 ms there and back
[   130.0 ms] server         198.51.100.17:49206 listens in room 99c1...
[   250.0 ms] alice          our address: 198.51.100.17:49206 (srflx)
[   250.0 ms] alice          the server sees us as 198.51.100.17:49206
[   250.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 99c109617b88a8618b129bce5598a6e9d970d96869e96dd65428b7ae7b95c6f4
[   250.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   300.0 ms] bob            our address: 192.168.2.10:53077 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:16213 knocks in room 99c1...
[   375.0 ms] server         198.51.100.33:16213 and 198.51.100.17:49206 start, after 37.5 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:16213 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:16213
[   400.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:49206; begins in 37 ms, 175 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:49206 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:59199 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   437.5 ms] bob            dials 198.51.100.17:49206
[   462.5 ms] a's NAT        drops the SYN from 198.51.100.33:16213 to 198.51.100.17:49206: nobody here has called there
[   495.0 ms] alice          the peer's description is here: attempt 1 starts
[   495.0 ms] alice          the server starts both: the peer is 198.51.100.33:16213; begins at once, 175 ms to the peer and back through the server
[   495.0 ms] alice          leaves out 192.168.2.10:53077 (its own address): it is private and not of a network of ours
[   495.0 ms] alice          the peer offers 198.51.100.33:16213 (as its server sees it)
[   495.0 ms] alice          dials 198.51.100.33:16213
[   520.0 ms] b's NAT        drops the SYN from 198.51.100.17:59607 to 198.51.100.33:16213: nobody here has called there
[  1062.5 ms] b-a            the TTL of the SYN from 198.51.100.33:13702 to 198.51.100.17:49206 runs out
[  1062.5 ms] bob            opens our NAT for 198.51.100.17:49206 by a SYN that ends on the way (TTL 3)
[  1207.5 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[  1207.5 ms] alice          the peer tells where its NAT is now: 198.51.100.33:13702
[  1207.5 ms] alice          dials 198.51.100.33:13702, where the peer's NAT is open for us
[  1257.5 ms] alice          connected to 198.51.100.33:13702
[  1282.5 ms] bob            connected to 198.51.100.17:49206
[  1282.5 ms] bob            198.51.100.17:49206 proves that it holds the secret
[  1282.5 ms] bob            chooses the link to 198.51.100.17:49206
[  1307.5 ms] alice          198.51.100.33:13702 proves that it holds the secret
[  1307.5 ms] alice          the peer chooses the link to 198.51.100.33:13702
[  1307.5 ms] alice          connected from 192.168.1.10:59199 to 198.51.100.33:13702, punched: TCP after 762.5 ms, authenticated and nominated after 812.5 ms
[  1332.5 ms] bob            connected from 192.168.2.10:50566 to 198.51.100.17:49206, punched: TCP after 882.5 ms, authenticated and nominated after 932.5 ms
