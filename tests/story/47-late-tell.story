# alice's word of her samples is late: bob dials the window when it comes, her SYN waits for it
seed 47
site a: symmetric-seq
site b: eim-drop
path a>server: delay 25
alice at a: listens
bob at b: connects, after 100
at 245: path a>server: delay 200
expect
[     0.0 ms] alice          our address: 192.168.1.10:40136 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:34846 listens in room d313...
[   100.0 ms] bob            our address: 192.168.2.10:55260 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:34846 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:34846
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room d3135f7535af9206378f4ed3f0a939aac436cd838ce813eaa4b1e94b4ae99876
[   100.0 ms] alice          our NAT takes the next port for each destination (sequential)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:10204 knocks in room d313...
[   175.0 ms] server         198.51.100.33:10204 and 198.51.100.17:34846 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:10204 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:10204
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:10204; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:55260 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:10204 (as its server sees it)
[   200.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   200.0 ms] alice          dials 198.51.100.33:10204
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:34846; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:34846 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:40136 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes the next port for each destination (sequential)
[   200.0 ms] bob            predicts the ports of the sequential NAT, in rounds
[   200.0 ms] bob            dials 198.51.100.17:34846
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:34848 to 198.51.100.33:10204: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:10204 to 198.51.100.17:34846: nobody here has called there
[   245.0 ms] a>server       takes 200.0 ms from now on
[   525.0 ms] alice          dials 198.51.100.33:10204 once more, from a port just taken
[   550.0 ms] b's NAT        drops the SYN from 198.51.100.17:34851 to 198.51.100.33:10204: nobody here has called there
[   700.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:34850
[   700.0 ms] bob            dials 17 ports that the peer's NAT takes next, 198.51.100.17:34851 first
[   725.0 ms] a's NAT        drops the SYN from 198.51.100.33:10204 to 198.51.100.17:34852: nobody here has called there
[   725.0 ms] a's NAT        drops the SYN from 198.51.100.33:10204 to 198.51.100.17:34853: nobody here has called there
[   725.0 ms] a's NAT        drops the SYN from 198.51.100.33:10204 to 198.51.100.17:34866: nobody here has called there
[   750.0 ms] bob            connected to 198.51.100.17:34851
[   775.0 ms] alice          connected to 198.51.100.33:10204
[   775.0 ms] alice          198.51.100.33:10204 proves that it holds the secret
[   800.0 ms] bob            198.51.100.17:34851 proves that it holds the secret
[   800.0 ms] bob            chooses the link to 198.51.100.17:34851
[   800.0 ms] bob            connected from 192.168.2.10:55260 to 198.51.100.17:34851, punched: TCP after 550.0 ms, authenticated and nominated after 600.0 ms
[   825.0 ms] alice          the peer chooses the link to 198.51.100.33:10204
[   825.0 ms] alice          connected from 192.168.1.10:50858 to 198.51.100.33:10204, punched: TCP after 575.0 ms, authenticated and nominated after 625.0 ms
