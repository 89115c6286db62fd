FROM cadence-stand-in/debian
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy > /dev/null \
    && rm -rf /var/lib/apt/lists/*
