# mallory plays back what she has heard: bob chooses her link, finds her answer wrong, and chooses again
# she has alice's private address, but in bob's house
seed 49                              # one in which she plays when she has what fits: look for another if this changes
site a: eim-drop, lan=1
site b: eim-drop, lan=1
path a-b: delay 300
alice at a: listens, quiet           # 192.168.1.10
mallory at b: impostor               # 192.168.1.10 too, in the other house
bob at b: connects, after 100
expect
[    75.0 ms] server         198.51.100.17:30550 listens in room e14d...
[   100.0 ms] bob            our address: 192.168.1.11:36235 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   125.5 ms] mallory        says HELLO under a key of its own to 192.168.1.11:36235
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:31115 knocks in room e14d...
[   175.0 ms] server         198.51.100.33:31115 and 198.51.100.17:30550 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:31115 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:31115
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:30550; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:30550 (as its server sees it)
[   200.0 ms] bob            the peer offers 192.168.1.10:34646 (its own address)
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:30550
[   200.0 ms] bob            dials 192.168.1.10:34646
[   200.2 ms] bob            connected to 192.168.1.10:34646
[   200.3 ms] mallory        says HELLO under a key of its own to 192.168.1.11:36235
[   200.3 ms] mallory        says NOMINATE under a key of its own to 192.168.1.11:36235
[   200.4 ms] bob            192.168.1.10:34646 is a stranger, shows it the door
[   245.6 ms] b's NAT        refuses the SYN from 192.168.1.10:39894 to 198.51.100.33:31115: nobody here has called there
[   443.4 ms] b's NAT        refuses the SYN from 192.168.1.10:39894 to 198.51.100.33:31115: nobody here has called there
[   484.7 ms] a's NAT        drops the SYN from 198.51.100.33:27606 to 198.51.100.17:30550: nobody here has called there
[   504.5 ms] bob            dials 192.168.1.10:34646 (2nd time)
[   504.7 ms] bob            connected to 192.168.1.10:34646
[   504.8 ms] mallory        plays a recording to 192.168.1.11:36235
[   504.8 ms] mallory        says NOMINATE under a key of its own to 192.168.1.11:36235
[   504.8 ms] mallory        says CONFIRM under a key of its own to 192.168.1.11:36235
[   504.9 ms] bob            192.168.1.10:34646 is a stranger, shows it the door
[   600.0 ms] bob            the SYNs cross: 198.51.100.17:30550 is answering
[   639.4 ms] b's NAT        refuses the SYN from 192.168.1.10:39894 to 198.51.100.33:31115: nobody here has called there
[   700.0 ms] b-a            the TTL of the SYN from 198.51.100.33:16654 to 198.51.100.17:30550 runs out
[   700.0 ms] bob            opens our NAT for 198.51.100.17:30550 by a SYN that ends on the way (TTL 3)
[   800.0 ms] bob            connected to 198.51.100.17:30550
[   806.8 ms] bob            dials 192.168.1.10:34646 (3rd time)
[   807.0 ms] bob            connected to 192.168.1.10:34646
[   807.1 ms] mallory        plays a recording to 192.168.1.11:36235
[   807.1 ms] mallory        says back its own words to 192.168.1.11:36235
[   807.2 ms] bob            192.168.1.10:34646 is a stranger, shows it the door
[  1087.3 ms] bob            connected to 192.168.1.10:34646
[  1087.4 ms] mallory        plays a recording to 192.168.1.11:36235
[  1087.4 ms] mallory        plays a recording to 192.168.1.11:36235
[  1087.5 ms] bob            192.168.1.10:34646 proves that it holds the secret
[  1087.5 ms] bob            chooses the link to 192.168.1.10:34646
[  1087.5 ms] bob            192.168.1.10:34646 is a stranger, shows it the door
[  1087.6 ms] mallory        says NOMINATE under a key of its own to 192.168.1.11:36235
[  1100.0 ms] bob            198.51.100.17:30550 proves that it holds the secret
[  1100.0 ms] bob            chooses the link to 198.51.100.17:30550
[  1400.0 ms] bob            connected from 192.168.1.11:36235 to 198.51.100.17:30550, punched: TCP after 600.0 ms, authenticated and nominated after 1200.0 ms
[  1484.7 ms] a's NAT        drops the SYN from 198.51.100.33:27606 to 198.51.100.17:30550: nobody here has called there
