# Odoo 19 Community from its official image, with our addons and what they need. docker/README.md says how to use it.
# A dated tag, as in `--build-arg ODOO_IMAGE=odoo:19.0-20261110`, builds the same image again later.
ARG ODOO_IMAGE=odoo:19.0
FROM ${ODOO_IMAGE}

USER root
WORKDIR /opt/crm

# The image's Python belongs to its distribution (PEP 668). Installing beside it is meant here: pip writes to /usr/local,
# Python looks there first, and an OCA addon's wheel becomes one more part of the namespace odoo.addons. docker/pins.py
# keeps pip from replacing the libraries that the image brings for Odoo.
COPY requirements.txt requirements-oca.txt constraints.txt docker/pins.py /tmp/build/
RUN python3 /tmp/build/pins.py /tmp/build/constraints.txt /tmp/build/requirements.txt >/tmp/build/pins.txt \
    && python3 -m pip install --break-system-packages --root-user-action=ignore --no-cache-dir \
        --disable-pip-version-check --constraint /tmp/build/pins.txt --requirement /tmp/build/requirements.txt \
    && python3 -m pip install --break-system-packages --root-user-action=ignore --no-cache-dir \
        --disable-pip-version-check --no-deps --requirement /tmp/build/requirements-oca.txt \
    && rm -r /tmp/build

COPY odoo.conf LICENSE ./
COPY docker docker
COPY tools tools
COPY addons addons

# The environment wins over odoo.conf, whose paths are relative to this folder.
ENV ODOO_RC=/opt/crm/odoo.conf \
    ODOO_DATA_DIR=/var/lib/odoo \
    BACKUPS=/var/lib/odoo/backups \
    ODOO_HTTP_INTERFACE=0.0.0.0 \
    ODOO_PROXY_MODE=1 \
    PGHOST=db \
    PGUSER=odoo \
    PGDATABASE=crm \
    PGPASSFILE=/dev/shm/pgpass

# Nobody can write here when it runs: compile now, and fail now if an addon lacks something.
RUN python3 -m compileall -q addons docker tools && HOME=/tmp python3 docker/check.py

USER odoo
ENTRYPOINT ["sh", "/opt/crm/docker/entrypoint.sh"]
CMD ["serve"]
