FROM cadence-stand-in/debian
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql > /dev/null \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/* && chmod 3777 /run/postgresql
COPY postgres-entrypoint /
ENTRYPOINT ["/postgres-entrypoint"]
