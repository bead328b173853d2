# two homes behind one carrier whose NAT does not hairpin: no way, and both say so when their time is up
seed 22
site a: preserving-drop, behind user
site b: eim-drop, behind carrier of a
alice at a: listens, timeout 2000
bob at b: connects, after 100, timeout 2200
expect
[     0.0 ms] alice          our address: 192.168.1.10:54650 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:44657 listens in room 1fca...
[   100.0 ms] bob            our address: 192.168.2.10:51630 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:44657 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:44657
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 1fca79140d2fdfef27d3235905ba5d85f0c299e52602bb7a761e59108be08814
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.17:44773 knocks in room 1fca...
[   175.0 ms] server         198.51.100.17:44773 and 198.51.100.17:44657 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.17:44773 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.17:44773
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.17:44773; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          the peer offers 192.168.2.10:51630 (its own address)
[   200.0 ms] alice          the peer offers 198.51.100.17:44773 (as its server sees it)
[   200.0 ms] alice          dials 192.168.2.10:51630
[   200.0 ms] alice          dials 198.51.100.17:44773
[   200.0 ms] a's carrier    drops the SYN from 100.64.1.2:54650 to 198.51.100.17:44773: nobody here has called there
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:44657; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:44657 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:54650 (its own address)
[   200.0 ms] bob            dials 198.51.100.17:44657
[   200.0 ms] a's carrier    drops the SYN from 100.64.2.2:14766 to 198.51.100.17:44657: nobody here has called there
[   200.0 ms] bob            dials 192.168.1.10:54650
[  1200.0 ms] a's carrier    drops the SYN from 100.64.1.2:54650 to 198.51.100.17:44773: nobody here has called there
[  2200.0 ms] alice            stage: 2 dials, none was connected; it lasted 2.0 s
[  2200.0 ms] alice            our NAT keeps one port towards everybody (endpoint-independent); the peer's NAT is not known
[  2200.0 ms] alice            192.168.2.10:51630 (its own address): dialled 1 time, never connected
[  2200.0 ms] alice            198.51.100.17:44773 (as its server sees it): dialled 1 time, never connected
[  2200.0 ms] alice          the peer is there, but no path to it worked
[  2200.0 ms] alice          Both are behind one NAT that does not let them back in: use IPv6, allow devices of the network to talk to each other, or let the server relay. See no-hairpin in docs/troubleshooting.md.
[  2300.0 ms] bob              stage: 2 dials, none was connected; it lasted 2.1 s
[  2300.0 ms] bob              our NAT keeps one port towards everybody (endpoint-independent); the peer's NAT is not known
[  2300.0 ms] bob              198.51.100.17:44657 (as its server sees it): dialled 1 time, never connected
[  2300.0 ms] bob              192.168.1.10:54650 (its own address): dialled 1 time, never connected
[  2300.0 ms] bob            the peer is there, but no path to it worked
[  2300.0 ms] bob            Both are behind one NAT that does not let them back in: use IPv6, allow devices of the network to talk to each other, or let the server relay. See no-hairpin in docs/troubleshooting.md.
