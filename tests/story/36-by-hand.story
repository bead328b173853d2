# no server at all: the users carry one line each way, bob is public, and alice's router may be as it likes
seed 36
no server
site a: symmetric-random
site b: public
alice at a: by hand
bob at b: by hand
expect
[     0.0 ms] alice          our address: 192.168.1.10:57337 (host)
[     0.0 ms] bob            our address: 198.51.100.34:35509 (host)
[   100.0 ms] bob            the peer's description is here: attempt 1 starts
[   100.0 ms] bob            has the peer's description; begins at once
[   100.0 ms] bob            leaves out 192.168.1.10:57337 (its own address): it is private and not of a network of ours
[   100.0 ms] alice          the peer's description is here: attempt 1 starts
[   100.0 ms] alice          has the peer's description; begins at once
[   100.0 ms] alice          the peer offers 198.51.100.34:35509 (its own address)
[   100.0 ms] alice          dials 198.51.100.34:35509
[   150.0 ms] alice          connected to 198.51.100.34:35509
[   175.0 ms] bob            198.51.100.17:11123 comes in
[   175.0 ms] bob            198.51.100.17:11123 proves that it holds the secret
[   175.0 ms] bob            chooses the link to 198.51.100.17:11123
[   200.0 ms] alice          198.51.100.34:35509 proves that it holds the secret
[   200.0 ms] alice          the peer chooses the link to 198.51.100.34:35509
[   200.0 ms] alice          connected from 192.168.1.10:57337 to 198.51.100.34:35509, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   225.0 ms] bob            connected from 198.51.100.34:35509 to 198.51.100.17:11123, direct: TCP after 75.0 ms, authenticated and nominated after 125.0 ms
