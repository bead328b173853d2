# bob and carol call from behind one NAT that counts: dials meant for the one reach alice as the other's, and are told apart by their HELLO
seed 81
site a: eim-drop
site b: symmetric-seq
alice at a: listens
bob at b: connects
carol at b: connects
expect
[     0.0 ms] alice          our address: 192.168.1.10:46404 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[     0.0 ms] bob            our address: 192.168.2.10:54491 (host)
[     0.0 ms] bob            calls the server 203.0.113.1:3478
[     0.0 ms] carol          our address: 192.168.2.11:41914 (host)
[     0.0 ms] carol          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] bob            knocks
[    50.0 ms] carol          the server 203.0.113.1:3478 answers, 50 ms there and back
[    50.0 ms] carol          knocks
[    75.0 ms] server         198.51.100.17:17732 listens in room ff62...
[    75.0 ms] server         198.51.100.33:37163 knocks in room ff62...
[    75.0 ms] server         198.51.100.33:37163 and 198.51.100.17:17732 start, after 0.0 and 0.0 ms
[    75.0 ms] server         198.51.100.33:37165 knocks in room ff62...
[    75.0 ms] server         198.51.100.33:37165 and 198.51.100.17:17732 start, after 0.0 and 0.0 ms
[   100.0 ms] alice          our address: 198.51.100.17:17732 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:17732
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room ff62161aa87b27752284a16b2e682e50b6981735dcabb3c69d9acab329ddbcb4
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 198.51.100.33:37163 (srflx)
[   100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:37163
[   100.0 ms] bob            our NAT takes the next port for each destination (sequential)
[   100.0 ms] carol          our address: 198.51.100.33:37165 (srflx)
[   100.0 ms] carol          the server heard the knock; it sees us as 198.51.100.33:37165
[   100.0 ms] carol          our NAT takes the next port for each destination (sequential)
[   100.0 ms] alice          the peer's description is here: attempt 1 starts
[   100.0 ms] alice          the server starts both: the peer is 198.51.100.33:37163; begins at once, 100 ms to the peer and back through the server
[   100.0 ms] alice          leaves out 192.168.2.10:54491 (its own address): it is private and not of a network of ours
[   100.0 ms] alice          the peer offers 198.51.100.33:37163 (as its server sees it)
[   100.0 ms] alice          dials 198.51.100.33:37163
[   100.0 ms] bob            the peer's description is here: attempt 1 starts
[   100.0 ms] bob            the server starts both: the peer is 198.51.100.17:17732; begins at once, 100 ms to the peer and back through the server
[   100.0 ms] bob            leaves out 192.168.1.10:46404 (its own address): it is private and not of a network of ours
[   100.0 ms] bob            the peer offers 198.51.100.17:17732 (as its server sees it)
[   100.0 ms] bob            predicts the ports of the sequential NAT, in rounds
[   100.0 ms] bob            dials 198.51.100.17:17732
[   100.0 ms] carol          the peer's description is here: attempt 1 starts
[   100.0 ms] carol          the server starts both: the peer is 198.51.100.17:17732; begins at once, 100 ms to the peer and back through the server
[   100.0 ms] carol          leaves out 192.168.1.10:46404 (its own address): it is private and not of a network of ours
[   100.0 ms] carol          the peer offers 198.51.100.17:17732 (as its server sees it)
[   100.0 ms] carol          predicts the ports of the sequential NAT, in rounds
[   100.0 ms] carol          dials 198.51.100.17:17732
[   100.0 ms] alice          the peer's description is here: attempt 2 starts
[   100.0 ms] alice          the server starts both: the peer is 198.51.100.33:37165; begins at once, 100 ms to the peer and back through the server
[   100.0 ms] alice          leaves out 192.168.2.11:41914 (its own address): it is private and not of a network of ours
[   100.0 ms] alice          the peer offers 198.51.100.33:37165 (as its server sees it)
[   100.0 ms] alice          dials 198.51.100.33:37165
[   125.0 ms] b's NAT        drops the SYN from 198.51.100.17:17732 to 198.51.100.33:37163: nobody here has called there
[   125.0 ms] a's NAT        drops the SYN from 198.51.100.33:37167 to 198.51.100.17:17732: nobody here has called there
[   125.0 ms] a's NAT        drops the SYN from 198.51.100.33:37170 to 198.51.100.17:17732: nobody here has called there
[   125.0 ms] b's NAT        drops the SYN from 198.51.100.17:17732 to 198.51.100.33:37165: nobody here has called there
[   250.0 ms] carol          dials 198.51.100.17:17732 once more, from a port just taken
[   250.0 ms] bob            dials 198.51.100.17:17732 once more, from a port just taken
[   250.0 ms] alice          the peer's NAT takes the next port for each destination (sequential)
[   250.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   250.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:37169
[   250.0 ms] alice          dials 17 ports that the peer's NAT takes next, 198.51.100.33:37170 first
[   250.0 ms] alice          the peer's NAT takes the next port for each destination (sequential)
[   250.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   250.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:37172
[   275.0 ms] b's NAT        drops the SYN from 198.51.100.17:17732 to 198.51.100.33:37171: nobody here has called there
[   275.0 ms] b's NAT        drops the SYN from 198.51.100.17:17732 to 198.51.100.33:37186: nobody here has called there
[   300.0 ms] carol          the SYNs cross: 198.51.100.17:17732 is answering
[   300.0 ms] carol          connected to 198.51.100.17:17732
[   300.0 ms] bob            connected to 198.51.100.17:17732
[   300.0 ms] alice          connected to 198.51.100.33:37170
[   300.0 ms] alice          connected to 198.51.100.33:37173
[   300.0 ms] alice          connected to 198.51.100.33:37174
[   325.0 ms] carol          connected to 198.51.100.17:17732
[   325.0 ms] carol          198.51.100.17:17732 is a stranger, shows it the door
[   325.0 ms] alice          198.51.100.33:37173 is a peer, but of another attempt; closes this link
[   325.0 ms] alice          198.51.100.33:37174 proves that it holds the secret
[   325.0 ms] bob            198.51.100.17:17732 proves that it holds the secret
[   325.0 ms] bob            chooses the link to 198.51.100.17:17732
[   325.0 ms] carol          198.51.100.17:17732 is a stranger, shows it the door
[   350.0 ms] alice          198.51.100.33:37170 is a peer, but of another attempt; closes this link
[   350.0 ms] alice          the peer chooses the link to 198.51.100.33:37174
[   350.0 ms] alice          connected from 192.168.1.10:46404 to 198.51.100.33:37174, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
[   350.0 ms] bob            connected from 192.168.2.10:39123 to 198.51.100.17:17732, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
[   609.0 ms] carol          dials 198.51.100.17:17732 (2nd time)
[   634.0 ms] a's NAT        drops the SYN-ACK from 192.168.1.10:46404 to 198.51.100.33:37175: it fits no connection that it follows
[  1800.0 ms] carol          dials 198.51.100.17:17732 once more, from a port just taken
[  1800.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:37177
[  1800.0 ms] alice          dials 29 ports that the peer's NAT takes next, 198.51.100.33:37178 first
[  1825.0 ms] b's NAT        drops the SYN from 198.51.100.17:17732 to 198.51.100.33:37193: nobody here has called there
[  1850.0 ms] carol          connected to 198.51.100.17:17732
[  1850.0 ms] alice          connected to 198.51.100.33:37178
[  1875.0 ms] alice          198.51.100.33:37178 proves that it holds the secret
[  1875.0 ms] carol          198.51.100.17:17732 proves that it holds the secret
[  1875.0 ms] carol          chooses the link to 198.51.100.17:17732
[  1900.0 ms] carol          connected from 192.168.2.11:38003 to 198.51.100.17:17732, punched: TCP after 1750.0 ms, authenticated and nominated after 1800.0 ms
[  1900.0 ms] alice          the peer chooses the link to 198.51.100.33:37178
[  1900.0 ms] alice          connected from 192.168.1.10:46404 to 198.51.100.33:37178, punched: TCP after 1750.0 ms, authenticated and nominated after 1800.0 ms
