# b's router answers strangers with RST, and alice is too early: refused, dialled again at once
seed 2
site a: preserving-drop
site b: preserving-rst
path a-server: delay 10
path server>b: delay 100      # the server takes half of there and back, and is wrong by 47 ms
path b>server: delay 5
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:44566 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:44566 listens in room c465...
[    40.0 ms] alice          our address: 198.51.100.17:44566 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:44566
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room c465c5e655aaab7c51f949c801869cfea91b5b144ed6d995cb23ef439c955869
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   100.0 ms] bob            our address: 192.168.2.10:55606 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   205.0 ms] bob            the server 203.0.113.1:3478 answers, 105 ms there and back
[   205.0 ms] bob            knocks
[   210.0 ms] server         198.51.100.33:55606 knocks in room c465...
[   210.0 ms] server         198.51.100.33:55606 and 198.51.100.17:44566 start, after 0.0 and 42.5 ms
[   220.0 ms] alice          the peer's description is here: attempt 1 starts
[   220.0 ms] alice          the server starts both: the peer is 198.51.100.33:55606; begins in 42 ms, 125 ms to the peer and back through the server
[   220.0 ms] alice          leaves out 192.168.2.10:55606 (its own address): it is private and not of a network of ours
[   220.0 ms] alice          the peer offers 198.51.100.33:55606 (as its server sees it)
[   262.5 ms] alice          dials 198.51.100.33:55606
[   287.5 ms] b's NAT        refuses the SYN from 198.51.100.17:44566 to 198.51.100.33:55606: nobody here has called there
[   310.0 ms] bob            our address: 198.51.100.33:55606 (srflx)
[   310.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:55606
[   310.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   310.0 ms] bob            the peer's description is here: attempt 1 starts
[   310.0 ms] bob            the server starts both: the peer is 198.51.100.17:44566; begins at once, 125 ms to the peer and back through the server
[   310.0 ms] bob            the peer offers 198.51.100.17:44566 (as its server sees it)
[   310.0 ms] bob            leaves out 192.168.1.10:44566 (its own address): it is private and not of a network of ours
[   310.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   310.0 ms] bob            dials 198.51.100.17:44566
[   312.5 ms] alice          198.51.100.33:55606 does not let us in: refused
[   313.0 ms] alice          dials 198.51.100.33:55606 (2nd time)
[   360.0 ms] bob            connected to 198.51.100.17:44566
[   363.0 ms] alice          connected to 198.51.100.33:55606
[   385.0 ms] alice          198.51.100.33:55606 proves that it holds the secret
[   388.0 ms] bob            198.51.100.17:44566 proves that it holds the secret
[   388.0 ms] bob            chooses the link to 198.51.100.17:44566
[   410.0 ms] bob            connected from 192.168.2.10:55606 to 198.51.100.17:44566, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   413.0 ms] alice          the peer chooses the link to 198.51.100.33:55606
[   413.0 ms] alice          connected from 192.168.1.10:44566 to 198.51.100.33:55606, punched: TCP after 143.0 ms, authenticated and nominated after 193.0 ms
