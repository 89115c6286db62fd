FROM cadence-stand-in/debian
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server > /dev/null \
    && rm -rf /var/lib/apt/lists/*
