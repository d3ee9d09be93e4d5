# The command and MkDocs with it: docker build -t sotokara . && docker run --rm -v "$PWD:/blog" sotokara mkdocs build
FROM python:3.12-slim
WORKDIR /package
COPY requirements/build.txt requirements/build.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/build.txt
COPY LICENSE README.md pyproject.toml ./
COPY probes probes
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
RUN useradd --create-home author
USER author
WORKDIR /blog
CMD ["sotokara", "--help"]
