# alice's question how her NAT behaves is lost twice: it is put again, and the window found
seed 46266
site a: symmetric-seq
site b: eim-drop
path a-server: delay 5.1, loss 3.7%
path b-server: delay 5.9, loss 4.5%
alice at a: listens, after 1146
bob at b: connects, after 614
expect
[   614.0 ms] bob            our address: 192.168.2.10:42545 (host)
[   614.0 ms] bob            calls the server 203.0.113.1:3478
[   619.9 ms] server-b       loses the SYN-ACK from 203.0.113.1:3478 to 198.51.100.33:22065
[  1146.0 ms] alice          our address: 192.168.1.10:46944 (host)
[  1146.0 ms] alice          calls the server 203.0.113.1:3478
[  1151.1 ms] server-a       loses the SYN-ACK from 203.0.113.1:3479 to 198.51.100.17:40261
[  1156.2 ms] alice          the server 203.0.113.1:3478 answers, 10 ms there and back
[  1161.3 ms] server         198.51.100.17:40260 listens in room 0962...
[  1166.4 ms] alice          our address: 198.51.100.17:40260 (srflx)
[  1166.4 ms] alice          the server sees us as 198.51.100.17:40260
[  1166.4 ms] alice          registered with the server at 203.0.113.1:3478, in room 09624a84f62a717d665fc928e961bcd15b74f863c5ea431c594de310eeda10a9
[  1625.8 ms] bob            the server 203.0.113.1:3478 answers, 1.0 s there and back
[  1625.8 ms] bob            knocks
[  1631.7 ms] server         198.51.100.33:22065 knocks in room 0962...
[  1631.7 ms] server         198.51.100.33:22065 and 198.51.100.17:40260 start, after 0.0 and 0.9 ms
[  1636.8 ms] alice          the peer's description is here: attempt 1 starts
[  1636.8 ms] alice          the server starts both: the peer is 198.51.100.33:22065; begins in 0.9 ms, 22 ms to the peer and back through the server
[  1636.8 ms] alice          leaves out 192.168.2.10:42545 (its own address): it is private and not of a network of ours
[  1636.8 ms] alice          the peer offers 198.51.100.33:22065 (as its server sees it)
[  1637.6 ms] bob            our address: 198.51.100.33:22065 (srflx)
[  1637.6 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  1637.6 ms] bob            the server heard the knock; it sees us as 198.51.100.33:22065
[  1637.6 ms] bob            the peer's description is here: attempt 1 starts
[  1637.6 ms] bob            the server starts both: the peer is 198.51.100.17:40260; begins at once, 22 ms to the peer and back through the server
[  1637.6 ms] bob            leaves out 192.168.1.10:46944 (its own address): it is private and not of a network of ours
[  1637.6 ms] bob            the peer offers 198.51.100.17:40260 (as its server sees it)
[  1637.6 ms] bob            dials 198.51.100.17:40260
[  1637.7 ms] alice          dials 198.51.100.33:22065
[  1662.6 ms] a's NAT        drops the SYN from 198.51.100.33:22065 to 198.51.100.17:40260: nobody here has called there
[  1662.7 ms] b's NAT        drops the SYN from 198.51.100.17:40262 to 198.51.100.33:22065: nobody here has called there
[  2061.2 ms] b-a            the TTL of the SYN from 198.51.100.33:20301 to 198.51.100.17:40260 runs out
[  2061.2 ms] bob            opens our NAT for 198.51.100.17:40260 by a SYN that ends on the way (TTL 3)
[  2072.2 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[  2072.2 ms] alice          the peer tells where its NAT is now: 198.51.100.33:20301
[  2072.2 ms] alice          dials 198.51.100.33:20301, where the peer's NAT is open for us
[  2097.2 ms] b's NAT        drops the SYN from 198.51.100.17:40263 to 198.51.100.33:20301: nobody here has called there
[  2166.4 ms] alice          our NAT takes the next port for each destination (sequential)
[  2166.4 ms] alice          predicts the ports of the sequential NAT, in rounds
[  2197.8 ms] bob            the peer's NAT takes the next port for each destination (sequential)
[  2197.8 ms] bob            predicts the ports of the sequential NAT, in rounds
[  2197.8 ms] bob            the peer tells where its NAT is now: 198.51.100.17:40265
[  2197.8 ms] bob            dials 17 ports that the peer's NAT takes next, 198.51.100.17:40266 first
[  2197.9 ms] alice          dials 198.51.100.33:22065 once more, from a port just taken
[  2222.8 ms] a's NAT        drops the SYN from 198.51.100.33:22065 to 198.51.100.17:40267: nobody here has called there
[  2222.8 ms] a's NAT        drops the SYN from 198.51.100.33:22065 to 198.51.100.17:40268: nobody here has called there
[  2222.8 ms] a's NAT        drops the SYN from 198.51.100.33:22065 to 198.51.100.17:40281: nobody here has called there
[  2247.8 ms] bob            connected to 198.51.100.17:40266
[  2247.9 ms] alice          connected to 198.51.100.33:22065
[  2272.8 ms] alice          198.51.100.33:22065 proves that it holds the secret
[  2272.9 ms] bob            198.51.100.17:40266 proves that it holds the secret
[  2272.9 ms] bob            chooses the link to 198.51.100.17:40266
[  2297.8 ms] bob            connected from 192.168.2.10:42545 to 198.51.100.17:40266, punched: TCP after 610.2 ms, authenticated and nominated after 660.2 ms
[  2297.9 ms] alice          the peer chooses the link to 198.51.100.33:22065
[  2297.9 ms] alice          connected from 192.168.1.10:40602 to 198.51.100.33:22065, punched: TCP after 611.1 ms, authenticated and nominated after 661.1 ms
