# both programs are killed in the middle of an attempt and start again: the second time all is as the first time
seed 30
site a: preserving-drop
site b: preserving-drop
alice at a: listens
bob at b: connects, after 100
at 230: alice stops
at 240: bob stops
at 300: alice starts
at 320: bob starts
expect
[     0.0 ms] alice          our address: 192.168.1.10:43837 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:43837 listens in room bb99...
[   100.0 ms] bob            our address: 192.168.2.10:34776 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:43837 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:43837
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room bb99fed45facf8e64074668456e8aa182547f2aa4b052785d4c6200f29ae648d
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:34776 knocks in room bb99...
[   175.0 ms] server         198.51.100.33:34776 and 198.51.100.17:43837 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:34776 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:34776
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:34776; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:34776 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:34776 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:34776
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:43837; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:43837 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:43837 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   200.0 ms] bob            dials 198.51.100.17:43837
[   230.0 ms] alice          is killed
[   240.0 ms] bob            is killed
[   300.0 ms] alice          starts again
[   300.0 ms] alice          our address: 192.168.1.10:53095 (host)
[   300.0 ms] alice          calls the server 203.0.113.1:3478
[   320.0 ms] bob            starts again
[   320.0 ms] bob            our address: 192.168.2.10:60759 (host)
[   320.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[   370.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   370.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.17:53095 listens in room bb99...
[   395.0 ms] server         198.51.100.33:60759 knocks in room bb99...
[   395.0 ms] server         198.51.100.33:60759 and 198.51.100.17:53095 start, after 0.0 and 0.0 ms
[   400.0 ms] alice          our address: 198.51.100.17:53095 (srflx)
[   400.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   400.0 ms] alice          the server sees us as 198.51.100.17:53095
[   400.0 ms] alice          registered with the server at 203.0.113.1:3478, in room bb99fed45facf8e64074668456e8aa182547f2aa4b052785d4c6200f29ae648d
[   420.0 ms] bob            our address: 198.51.100.33:60759 (srflx)
[   420.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:60759
[   420.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   420.0 ms] alice          the peer's description is here: attempt 1 starts
[   420.0 ms] alice          the server starts both: the peer is 198.51.100.33:60759; begins at once, 100 ms to the peer and back through the server
[   420.0 ms] alice          leaves out 192.168.2.10:60759 (its own address): it is private and not of a network of ours
[   420.0 ms] alice          the peer offers 198.51.100.33:60759 (as its server sees it)
[   420.0 ms] alice          dials 198.51.100.33:60759
[   420.0 ms] bob            the peer's description is here: attempt 1 starts
[   420.0 ms] bob            the server starts both: the peer is 198.51.100.17:53095; begins at once, 100 ms to the peer and back through the server
[   420.0 ms] bob            leaves out 192.168.1.10:53095 (its own address): it is private and not of a network of ours
[   420.0 ms] bob            the peer offers 198.51.100.17:53095 (as its server sees it)
[   420.0 ms] bob            dials 198.51.100.17:53095
[   470.0 ms] alice          connected to 198.51.100.33:60759
[   470.0 ms] bob            connected to 198.51.100.17:53095
[   495.0 ms] bob            198.51.100.17:53095 proves that it holds the secret
[   495.0 ms] bob            chooses the link to 198.51.100.17:53095
[   495.0 ms] alice          198.51.100.33:60759 proves that it holds the secret
[   520.0 ms] alice          the peer chooses the link to 198.51.100.33:60759
[   520.0 ms] alice          connected from 192.168.1.10:53095 to 198.51.100.33:60759, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   520.0 ms] bob            connected from 192.168.2.10:60759 to 198.51.100.17:53095, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
