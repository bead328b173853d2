# Two NATs with random ports leave no direct way: both see it after one TELL, and the relay takes over
seed 55
site a: symmetric-random
site b: symmetric-random
alice at a: listens, relay auto
bob at b: connects, relay auto, after 300
expect
[     0.0 ms] alice          our address: 192.168.1.10:33719 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:29747 listens in room ae2e...
[   100.0 ms] alice          our address: 198.51.100.17:29747 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:29747
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room ae2e7130ba27a7f1d7cbb9a7ccb5922e713cb60c274a56e7fe1799a885be124b
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   300.0 ms] bob            our address: 192.168.2.10:60244 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:34771 knocks in room ae2e...
[   375.0 ms] server         198.51.100.33:34771 and 198.51.100.17:29747 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:34771 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:34771
[   400.0 ms] bob            our NAT takes any port for each destination (random)
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.33:34771; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          leaves out 192.168.2.10:60244 (its own address): it is private and not of a network of ours
[   400.0 ms] alice          the peer offers 198.51.100.33:34771 (as its server sees it)
[   400.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   400.0 ms] alice          dials 198.51.100.33:34771
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:29747; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:29747 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:33719 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   400.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   400.0 ms] bob            dials 198.51.100.17:29747
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   425.0 ms] b's NAT        drops the SYN from 198.51.100.17:54460 to 198.51.100.33:34771: nobody here has called there
[   425.0 ms] a's NAT        drops the SYN from 198.51.100.33:21816 to 198.51.100.17:29747: nobody here has called there
[   475.0 ms] server         relays between 198.51.100.33:10918 and 198.51.100.17:34460
[   500.0 ms] bob            our address: 203.0.113.1:3478 (relay)
[   500.0 ms] bob            a relay is there, at 203.0.113.1:3478
[   500.0 ms] alice          our address: 203.0.113.1:3478 (relay)
[   500.0 ms] alice          a relay is there, at 203.0.113.1:3478
[   550.0 ms] alice          the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   550.0 ms] bob            the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   610.0 ms] bob            chooses the link to the peer by the relay at 203.0.113.1:3478
[   650.0 ms] alice          the peer's NAT takes any port for each destination (random)
[   650.0 ms] alice          one NAT is random, the other's ports change as well: no direct way is known
[   650.0 ms] alice          the peer tells how its NAT behaves
[   660.0 ms] alice          the peer chooses the link to the peer by the relay at 203.0.113.1:3478
[   660.0 ms] alice          connected from 192.168.1.10:53772 to 203.0.113.1:3478, relayed (one NAT is random, the other's ports change as well: no direct way is known): TCP after 100.0 ms, authenticated and nominated after 260.0 ms
[   710.0 ms] bob            connected from 192.168.2.10:35331 to 203.0.113.1:3478, relayed (one NAT is random, the other's ports change as well: no direct way is known): TCP after 100.0 ms, authenticated and nominated after 310.0 ms
