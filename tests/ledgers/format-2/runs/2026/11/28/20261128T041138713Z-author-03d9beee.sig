sotokara run 2
runs/2026/11/28/20261128T041138713Z-author-03d9beee.jsonl
3
rD4FnhaOvLwsz6E0wX3bQf5RZu5kdbvM1m++aDIT2MU=

— blog.example/evidence t3Uvgi7xmlA5pVZZBT5fRxKvonFLhBFsr/3bj1i4hEMOCgtFRcFIGhRhS6itWlKuryDebidoUGl7LwEj05wzj30cJQU=
