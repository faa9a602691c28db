"""The five classes of heartbeats that the AAMI recommends to report."""

# de Chazal's mapping (doi:10.1109/TBME.2004.827359) of beat symbols to the AAMI's five classes;
# every other symbol marks a rhythm, a wave or noise, not a beat.
AAMI_CLASS = {
    symbol: aami
    for aami, symbols in {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}.items()
    for symbol in symbols
}
