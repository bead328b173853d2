# what comes in by the hole of a dial that bob has given up is refused: his firewall would drop its end
seed 101
site a: symmetric-random
site b: firewall
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:55878 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:8589 listens in room 8ffb...
[   100.0 ms] bob            our address: 198.51.100.34:47697 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:8589 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:8589
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 8ffb501a35613852d301e6ee48ecc9fb32f7c94da3f60be50ee3adab41323fd3
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.34:47697 knocks in room 8ffb...
[   175.0 ms] server         198.51.100.34:47697 and 198.51.100.17:8589 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            no NAT changes our address
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:47697
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.34:47697; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 198.51.100.34:47697 (its own address)
[   200.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] alice          dials 198.51.100.34:47697
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:8589; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:8589 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:55878 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   200.0 ms] bob            one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] bob            dials 198.51.100.17:8589
[   225.0 ms] b's firewall   drops the SYN from 198.51.100.17:55507 to 198.51.100.34:47697: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:8589: nobody here has called there
[   550.0 ms] bob            the peer tells how its NAT behaves
[   550.0 ms] bob            begins up to 1536 dials, between many ports and 198.51.100.17:8589
[   575.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:33277: nobody here has called there
[   575.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:10682: nobody here has called there
[   593.4 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:39507: nobody here has called there
[   600.0 ms] alice          no NAT changes the peer's address
[   600.0 ms] alice          the peer tells how its NAT behaves
[   600.0 ms] alice          begins up to 1536 dials, between many ports and 198.51.100.34:47697
[   625.0 ms] b's firewall   drops the SYN from 198.51.100.17:53527 to 198.51.100.34:47697: nobody here has called there
[   625.0 ms] b's firewall   drops the SYN from 198.51.100.17:59428 to 198.51.100.34:47697: nobody here has called there
[   635.5 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:65059: nobody here has called there
[   643.4 ms] b's firewall   drops the SYN from 198.51.100.17:3050 to 198.51.100.34:47697: nobody here has called there
[   677.6 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:26099: nobody here has called there
[   685.5 ms] b's firewall   drops the SYN from 198.51.100.17:8392 to 198.51.100.34:47697: nobody here has called there
[   719.7 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:51651: nobody here has called there
[   727.6 ms] b's firewall   drops the SYN from 198.51.100.17:61758 to 198.51.100.34:47697: nobody here has called there
[   761.8 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:12691: nobody here has called there
[   769.7 ms] b's firewall   drops the SYN from 198.51.100.17:5005 to 198.51.100.34:47697: nobody here has called there
[   803.9 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:38243: nobody here has called there
[   811.8 ms] b's firewall   drops the SYN from 198.51.100.17:47902 to 198.51.100.34:47697: nobody here has called there
[   846.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:63795: nobody here has called there
[   853.9 ms] b's firewall   drops the SYN from 198.51.100.17:20762 to 198.51.100.34:47697: nobody here has called there
[   888.1 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:24835: nobody here has called there
[   896.0 ms] b's firewall   drops the SYN from 198.51.100.17:27056 to 198.51.100.34:47697: nobody here has called there
[   930.2 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:50387: nobody here has called there
[   938.1 ms] b's firewall   drops the SYN from 198.51.100.17:24140 to 198.51.100.34:47697: nobody here has called there
[   972.3 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:11427: nobody here has called there
[   980.2 ms] b's firewall   drops the SYN from 198.51.100.17:5558 to 198.51.100.34:47697: nobody here has called there
[  1014.4 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:36979: nobody here has called there
[  1022.3 ms] b's firewall   drops the SYN from 198.51.100.17:37057 to 198.51.100.34:47697: nobody here has called there
[  1056.5 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:62531: nobody here has called there
[  1064.4 ms] b's firewall   drops the SYN from 198.51.100.17:63710 to 198.51.100.34:47697: nobody here has called there
[  1098.6 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:23571: nobody here has called there
[  1106.5 ms] b's firewall   drops the SYN from 198.51.100.17:53634 to 198.51.100.34:47697: nobody here has called there
[  1140.7 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:49123: nobody here has called there
[  1148.6 ms] b's firewall   drops the SYN from 198.51.100.17:47485 to 198.51.100.34:47697: nobody here has called there
[  1182.8 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:10163: nobody here has called there
[  1190.7 ms] b's firewall   drops the SYN from 198.51.100.17:62251 to 198.51.100.34:47697: nobody here has called there
[  1224.9 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:35715: nobody here has called there
[  1230.1 ms] b's firewall   drops the SYN from 198.51.100.17:31235 to 198.51.100.34:47697: nobody here has called there
[  1264.3 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:19350: nobody here has called there
[  1272.2 ms] b's firewall   drops the SYN from 198.51.100.17:59470 to 198.51.100.34:47697: nobody here has called there
[  1306.4 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:44902: nobody here has called there
[  1314.3 ms] b's firewall   drops the SYN from 198.51.100.17:65004 to 198.51.100.34:47697: nobody here has called there
[  1348.5 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:5942: nobody here has called there
[  1356.4 ms] b's firewall   drops the SYN from 198.51.100.17:48577 to 198.51.100.34:47697: nobody here has called there
[  1390.6 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:31494: nobody here has called there
[  1398.5 ms] b's firewall   drops the SYN from 198.51.100.17:28130 to 198.51.100.34:47697: nobody here has called there
[  1432.7 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:57046: nobody here has called there
[  1440.6 ms] b's firewall   drops the SYN from 198.51.100.17:15318 to 198.51.100.34:47697: nobody here has called there
[  1474.8 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:18086: nobody here has called there
[  1482.7 ms] b's firewall   drops the SYN from 198.51.100.17:62616 to 198.51.100.34:47697: nobody here has called there
[  1516.9 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:43638: nobody here has called there
[  1524.8 ms] b's firewall   drops the SYN from 198.51.100.17:19173 to 198.51.100.34:47697: nobody here has called there
[  1559.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:4678: nobody here has called there
[  1566.9 ms] b's firewall   drops the SYN from 198.51.100.17:38251 to 198.51.100.34:47697: nobody here has called there
[  1601.1 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:30230: nobody here has called there
[  1609.0 ms] b's firewall   drops the SYN from 198.51.100.17:24783 to 198.51.100.34:47697: nobody here has called there
[  1643.2 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:55782: nobody here has called there
[  1651.1 ms] b's firewall   drops the SYN from 198.51.100.17:16549 to 198.51.100.34:47697: nobody here has called there
[  1685.3 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:16822: nobody here has called there
[  1693.2 ms] b's firewall   drops the SYN from 198.51.100.17:7388 to 198.51.100.34:47697: nobody here has called there
[  1727.4 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:42374: nobody here has called there
[  1735.3 ms] b's firewall   drops the SYN from 198.51.100.17:15651 to 198.51.100.34:47697: nobody here has called there
[  1769.5 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:3414: nobody here has called there
[  1777.4 ms] b's firewall   drops the SYN from 198.51.100.17:3938 to 198.51.100.34:47697: nobody here has called there
[  1811.6 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:28966: nobody here has called there
[  1819.5 ms] b's firewall   drops the SYN from 198.51.100.17:61710 to 198.51.100.34:47697: nobody here has called there
[  1853.7 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:54518: nobody here has called there
[  1861.6 ms] b's firewall   drops the SYN from 198.51.100.17:42253 to 198.51.100.34:47697: nobody here has called there
[  1891.8 ms] alice          connected to 198.51.100.34:47697
[  1895.8 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:15558: nobody here has called there
[  1906.3 ms] b's firewall   drops the SYN from 198.51.100.17:19647 to 198.51.100.34:47697: nobody here has called there
[  1916.8 ms] bob            198.51.100.17:54924 comes in where a dial was given up: a dead end in our NAT, closes it
[  1937.9 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:41110: nobody here has called there
[  1941.8 ms] alice          the link to 198.51.100.34:47697 ends: reset
[  1948.4 ms] b's firewall   drops the SYN from 198.51.100.17:6135 to 198.51.100.34:47697: nobody here has called there
[  1980.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:2150: nobody here has called there
[  1990.5 ms] b's firewall   drops the SYN from 198.51.100.17:63107 to 198.51.100.34:47697: nobody here has called there
[  2022.1 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:27702: nobody here has called there
[  2032.6 ms] b's firewall   drops the SYN from 198.51.100.17:58704 to 198.51.100.34:47697: nobody here has called there
[  2064.1 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:53254: nobody here has called there
[  2074.7 ms] b's firewall   drops the SYN from 198.51.100.17:19085 to 198.51.100.34:47697: nobody here has called there
[  2106.2 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:14294: nobody here has called there
[  2116.8 ms] b's firewall   drops the SYN from 198.51.100.17:63835 to 198.51.100.34:47697: nobody here has called there
[  2148.3 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:39846: nobody here has called there
[  2158.9 ms] b's firewall   drops the SYN from 198.51.100.17:55729 to 198.51.100.34:47697: nobody here has called there
[  2190.4 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:65398: nobody here has called there
[  2201.0 ms] b's firewall   drops the SYN from 198.51.100.17:43384 to 198.51.100.34:47697: nobody here has called there
[  2229.9 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:49033: nobody here has called there
[  2240.4 ms] b's firewall   drops the SYN from 198.51.100.17:27000 to 198.51.100.34:47697: nobody here has called there
[  2272.0 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:10073: nobody here has called there
[  2285.2 ms] b's firewall   drops the SYN from 198.51.100.17:55340 to 198.51.100.34:47697: nobody here has called there
[  2302.3 ms] alice          connected to 198.51.100.34:47697
[  2312.8 ms] bob            connected to 198.51.100.17:3527
[  2316.7 ms] a's NAT        drops the SYN from 198.51.100.34:47697 to 198.51.100.17:13030: nobody here has called there
[  2326.1 ms] alice          the SYNs cross: 198.51.100.34:47697 is answering
[  2327.3 ms] b's firewall   drops the SYN from 198.51.100.17:9721 to 198.51.100.34:47697: nobody here has called there
[  2327.3 ms] bob            connected to 198.51.100.17:34451
[  2327.3 ms] bob            198.51.100.17:34451 proves that it holds the secret
[  2327.3 ms] bob            chooses the link to 198.51.100.17:34451
[  2337.8 ms] alice          connected to 198.51.100.34:47697
[  2337.8 ms] alice          198.51.100.34:47697 proves that it holds the secret
[  2352.3 ms] alice          198.51.100.34:47697 proves that it holds the secret
[  2352.3 ms] alice          the peer chooses the link to 198.51.100.34:47697
[  2352.3 ms] alice          connected from 192.168.1.10:52485 to 198.51.100.34:47697, direct: TCP after 2102.3 ms, authenticated and nominated after 2152.3 ms
[  2362.8 ms] bob            198.51.100.17:3527 proves that it holds the secret
[  2377.3 ms] bob            connected from 198.51.100.34:47697 to 198.51.100.17:34451, direct: TCP after 2127.3 ms, authenticated and nominated after 2177.3 ms
