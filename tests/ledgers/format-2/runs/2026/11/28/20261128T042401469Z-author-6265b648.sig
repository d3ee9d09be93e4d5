sotokara run 2
runs/2026/11/28/20261128T042401469Z-author-6265b648.jsonl
1
m24vZJ6i0KhDFgdF9MrOrzhVUytWjc/txuFPzU5s8Po=

— blog.example/evidence nIsxolSAYDQfdjI2yhM4oJcCaLG+Wbb2K/DmvJsyNcAuH5YrrUeCM2Gw9BXWl/TOikhYREbOiz8FmYNYyYWjGOZtgg4=
