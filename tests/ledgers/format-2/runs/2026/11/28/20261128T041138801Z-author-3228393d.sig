sotokara run 2
runs/2026/11/28/20261128T041138801Z-author-3228393d.jsonl
1
5Bsp3z3B1XG750Ade+4wBEQuUXgP6vH6loBjMGqa8fc=

— blog.example/evidence t3UvgvguFHdSVSQbhLAk8l1XSIGJywiDTIkmQmHeN/OT0xB/DM2iUbEk6wWxv+AVWM+7RTd+Py5edSyQpjuXl3jmngQ=
