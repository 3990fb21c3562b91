# What `sam build` runs for the layer and for each function. SAM's own builder for Python ships no bytecode, and Lambda's
# /opt and /var/task are read-only: every start would compile every module again, and take twice as long.
#
# SAM tells a makefile neither the runtime nor the processor, but it resolves both in the makefile's path (ContextPath in
# template.yaml). So there is one folder for each pair, and its name says what to build for.
#
# SAM's cache looks at the sources alone: after an edit here, `sam build --no-cached`.
target := $(notdir $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))
python := $(word 1,$(subst -, ,$(target)))
machine := $(patsubst arm64,aarch64,$(word 2,$(subst -, ,$(target))))

# glibc of the runtime: 2.26 on Amazon Linux 2 (Python 3.11), 2.34 on Amazon Linux 2023.
glibc := 17 $(if $(filter python3.11,$(python)),,28 34)
platforms := manylinux2014_$(machine) $(foreach minor,$(glibc),manylinux_2_$(minor)_$(machine))

# botocore describes 400 services in 28 MB, and looks through all of them when it makes a client. These are ours.
services := dynamodb secretsmanager sqs

# Bytecode does not depend on the processor. Unchecked: Lambda's zip rounds the times that other bytecode is checked by.
compile = $(python) -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)"

.PHONY: build-PivotDebugLayer

build-PivotDebugLayer:
	$(python) -m pip --disable-pip-version-check install --quiet --no-compile --target "$(ARTIFACTS_DIR)/python" \
		--only-binary :all: --implementation cp --python-version $(python:python%=%) \
		$(platforms:%=--platform %) --requirement requirements.txt
	find "$(ARTIFACTS_DIR)/python/botocore/data" -mindepth 1 -maxdepth 1 -type d $(services:%=! -name %) -exec rm -rf {} +
	cp -R pivot_debug "$(ARTIFACTS_DIR)/python/"
	find "$(ARTIFACTS_DIR)" -depth \( -name '*.pyi' -o -name tests -o -name bin -o -name __pycache__ \) -exec rm -rf {} +
	$(compile) -p /opt "$(ARTIFACTS_DIR)"

build-%:
	cp -R . "$(ARTIFACTS_DIR)/"
	find "$(ARTIFACTS_DIR)" -depth -name __pycache__ -exec rm -rf {} +
	$(compile) -p /var/task "$(ARTIFACTS_DIR)"
