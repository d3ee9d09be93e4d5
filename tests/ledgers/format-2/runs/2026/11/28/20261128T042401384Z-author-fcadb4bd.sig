sotokara run 2
runs/2026/11/28/20261128T042401384Z-author-fcadb4bd.jsonl
3
1bKhq/aBRGK/zKSXsacyKJyc30WcTeCkN/m/Y99GL1Q=

— blog.example/evidence nIsxouMPGUrGmDajNn1yH/rtbg61tsGOOrk6qmW8XX41g4SccCDHfe5DpkaCHNVWTGAyfpBOD7PIkIVUrHx5ER4RWQA=
